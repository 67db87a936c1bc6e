#include "cinescribe/quality/caption_set.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "cinescribe/quality/caption_likeness.h"
#include "cinescribe/quality/comparable_text.h"
#include "cinescribe/results/caption_reader.h"

namespace cinescribe::quality {

namespace {

using Words = std::vector<std::string>;

Words words_of(const std::string& caption) { return comparable_words(caption, TextForm::kPlain); }

}  // namespace

Result<CaptionSet> read_caption_set(const std::filesystem::path& path) {
  CaptionSet set;
  const auto take = [&set](results::CaptionRecord&& record) -> Status {
    ++set.scenes;
    if (record.failure) {
      ++set.failures;
      return {};
    }
    set.suspects += record.suspect.empty() ? 0 : 1;
    set.cap_hits += record.finish_reason == "length" ? 1 : 0;
    if (!set.captions.emplace(record.scene_index, std::move(record.caption)).second) {
      return Error{ErrorCode::kInput, "scene " + std::to_string(record.scene_index) + " comes twice"};
    }
    return {};
  };
  CINESCRIBE_ASSIGN(const results::CaptionHeader header, results::read_captions(path, take));
  set.captioner = header.captioner.name;
  set.video = header.file_name;
  return set;
}

CaptionHabits caption_habits(const CaptionSet& set) {
  CaptionHabits habits;
  std::map<Words, std::int64_t> texts;
  bool is_first = true;
  for (const auto& [scene, caption] : set.captions) {
    const Words words = words_of(caption);
    const auto count = static_cast<std::int64_t>(words.size());
    habits.mean_words += static_cast<double>(count);
    habits.fewest_words = is_first ? count : std::min(habits.fewest_words, count);
    habits.most_words = std::max(habits.most_words, count);
    habits.empties += count == 0 ? 1 : 0;
    habits.repetition_rate += repetition_rate(words);
    ++texts[words];
    is_first = false;
  }
  if (set.captions.empty()) return habits;
  for (const auto& [text, count] : texts) habits.twin_rate += count > 1 ? static_cast<double>(count) : 0.0;
  const auto captions = static_cast<double>(set.captions.size());
  habits.mean_words /= captions;
  habits.repetition_rate /= captions;
  habits.twin_rate /= captions;
  return habits;
}

Result<CaptionAgreement> caption_agreement(const CaptionSet& a, const CaptionSet& b) {
  if (a.video != b.video) {
    return Error{ErrorCode::kInput, "the captions are of different videos: " + a.video + " and " + b.video};
  }
  std::vector<std::pair<Words, Words>> pairs;
  for (const auto& [scene, caption] : a.captions) {
    const auto other = b.captions.find(scene);
    if (other == b.captions.end()) continue;
    std::pair<Words, Words> pair{words_of(caption), words_of(other->second)};
    if (!pair.first.empty() && !pair.second.empty()) pairs.push_back(std::move(pair));
  }
  if (pairs.empty()) {
    return Error{ErrorCode::kInput,
                 "no scene of " + a.video + " is described by both " + a.captioner + " and " + b.captioner};
  }
  CaptionAgreement agreement;
  agreement.scenes = static_cast<std::int64_t>(pairs.size());
  const auto count = static_cast<double>(pairs.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const Words& own = pairs[i].first;
    const Words& same = pairs[i].second;
    agreement.character_likeness += character_likeness(joined(own), joined(same)) / count;
    agreement.word_likeness += word_likeness(own, same) / count;
    if (pairs.size() < 2) continue;
    // Half the video away: neighbouring scenes often show the same things.
    const Words& other = pairs[(i + pairs.size() / 2) % pairs.size()].second;
    agreement.chance_character_likeness += character_likeness(joined(own), joined(other)) / count;
    agreement.chance_word_likeness += word_likeness(own, other) / count;
  }
  return agreement;
}

}  // namespace cinescribe::quality
