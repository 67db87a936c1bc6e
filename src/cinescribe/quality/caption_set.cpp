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

/// A description with what it is compared by.
struct Described {
  Words words;
  std::vector<float> direction;  ///< Empty without a sentence model.
};

struct DescribedPair {
  Described a;
  Described b;
};

Result<std::vector<DescribedPair>> common_scenes(const CaptionSet& a, const CaptionSet& b,
                                                 const SentenceModel* sentences, const std::stop_token& stop) {
  std::vector<DescribedPair> pairs;
  for (const auto& [scene, caption] : a.captions) {
    const auto other = b.captions.find(scene);
    if (other == b.captions.end()) continue;
    DescribedPair pair{{words_of(caption), {}}, {words_of(other->second), {}}};
    if (pair.a.words.empty() || pair.b.words.empty()) continue;
    if (sentences != nullptr) {
      CINESCRIBE_ASSIGN(pair.a.direction, sentences->embed(caption, stop));
      CINESCRIBE_ASSIGN(pair.b.direction, sentences->embed(other->second, stop));
    }
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

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

Result<CaptionAgreement> caption_agreement(const CaptionSet& a, const CaptionSet& b, const SentenceModel* sentences,
                                           const std::stop_token& stop) {
  if (a.video != b.video) {
    return Error{ErrorCode::kInput, "the captions are of different videos: " + a.video + " and " + b.video};
  }
  CINESCRIBE_ASSIGN(const auto pairs, common_scenes(a, b, sentences, stop));
  if (pairs.empty()) {
    return Error{ErrorCode::kInput,
                 "no scene of " + a.video + " is described by both " + a.captioner + " and " + b.captioner};
  }
  CaptionAgreement agreement;
  agreement.scenes = static_cast<std::int64_t>(pairs.size());
  agreement.has_meaning = sentences != nullptr;
  const auto count = static_cast<double>(pairs.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const Described& own = pairs[i].a;
    const Described& same = pairs[i].b;
    agreement.character_likeness += character_likeness(joined(own.words), joined(same.words)) / count;
    agreement.word_likeness += word_likeness(own.words, same.words) / count;
    agreement.meaning_likeness += cosine(own.direction, same.direction) / count;
    if (pairs.size() < 2) continue;
    // Half the video away: neighbouring scenes often show the same things.
    const Described& other = pairs[(i + pairs.size() / 2) % pairs.size()].b;
    agreement.chance_character_likeness += character_likeness(joined(own.words), joined(other.words)) / count;
    agreement.chance_word_likeness += word_likeness(own.words, other.words) / count;
    agreement.chance_meaning_likeness += cosine(own.direction, other.direction) / count;
  }
  return agreement;
}

}  // namespace cinescribe::quality
