#include "cinescribe/pipeline/speech_by_scene.h"

#include <limits>
#include <string>
#include <utility>

namespace cinescribe::pipeline {

namespace {

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// The words [from, to) of a segment as a segment of their own.
results::SegmentRecord part_of(const results::SegmentRecord& segment, std::size_t from, std::size_t to) {
  results::SegmentRecord part = segment;
  if (from == 0 && to == segment.words.size()) return part;
  part.words.assign(segment.words.begin() + static_cast<std::ptrdiff_t>(from),
                    segment.words.begin() + static_cast<std::ptrdiff_t>(to));
  part.text.clear();
  for (const auto& word : part.words) part.text += word.text;
  part.text = trimmed(part.text);
  if (from > 0) part.range.start = part.words.front().range.start;
  if (to < segment.words.size()) part.range.end = part.words.back().range.end;
  return part;
}

}  // namespace

Status SpeechByScene::fetch() {
  if (segment_ || is_over_) return {};
  CINESCRIBE_ASSIGN(segment_, next_());
  first_word_ = 0;
  is_over_ = !segment_;
  return {};
}

Result<std::vector<results::SegmentRecord>> SpeechByScene::take_until(Timestamp end) {
  std::vector<results::SegmentRecord> taken;
  for (;;) {
    CINESCRIBE_TRY(fetch());
    if (!segment_) return taken;
    if (segment_->words.empty()) {
      if (segment_->range.start >= end) return taken;
      taken.push_back(std::move(*segment_));
      segment_.reset();
      continue;
    }
    std::size_t last = first_word_;
    while (last < segment_->words.size() && segment_->words[last].range.start < end) ++last;
    if (last > first_word_) taken.push_back(part_of(*segment_, first_word_, last));
    first_word_ = last;
    if (first_word_ < segment_->words.size()) return taken;
    segment_.reset();
  }
}

Result<std::vector<results::SegmentRecord>> SpeechByScene::take_rest() {
  return take_until(Timestamp::from_ns(std::numeric_limits<std::int64_t>::max()));
}

}  // namespace cinescribe::pipeline
