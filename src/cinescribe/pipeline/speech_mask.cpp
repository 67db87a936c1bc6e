#include "cinescribe/pipeline/speech_mask.h"

#include <algorithm>
#include <utility>

namespace cinescribe::pipeline {

namespace {

constexpr std::int64_t kRampSamples = 160;  ///< 10 ms.

/// Speech with its breaths: what lies between words of one sentence is no sound of its own.
speech::RegionOptions mask_regions() {
  speech::RegionOptions options;
  options.min_silence_ms = 300;
  options.pad_ms = 200;
  return options;
}

}  // namespace

SpeechMask::SpeechMask(std::unique_ptr<speech::VoiceActivity> voice, std::stop_token stop)
    : voice_(std::move(voice)), stop_(std::move(stop)), finder_(mask_regions()) {}

Status SpeechMask::push(std::span<const float> samples, std::vector<float>& out) {
  waiting_.insert(waiting_.end(), samples.begin(), samples.end());
  std::vector<float> probabilities;
  CINESCRIBE_TRY(voice_->push(samples, probabilities, stop_));
  for (const float probability : probabilities) finder_.push(static_cast<double>(probability), regions_);
  release(finder_.earliest_begin() - kRampSamples, out);
  return {};
}

Status SpeechMask::finish(std::vector<float>& out) {
  std::vector<float> probabilities;
  CINESCRIBE_TRY(voice_->finish(probabilities, stop_));
  for (const float probability : probabilities) finder_.push(static_cast<double>(probability), regions_);
  const std::int64_t end = first_waiting_ + static_cast<std::int64_t>(waiting_.size());
  finder_.finish(end, regions_);
  release(end, out);
  return {};
}

void SpeechMask::release(std::int64_t until_sample, std::vector<float>& out) {
  const std::int64_t end = std::min(until_sample, first_waiting_ + static_cast<std::int64_t>(waiting_.size()));
  if (end <= first_waiting_) return;
  const auto count = static_cast<std::ptrdiff_t>(end - first_waiting_);
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    out.push_back(waiting_[static_cast<std::size_t>(i)] * gain_at(first_waiting_ + i));
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + count);
  first_waiting_ = end;
  std::erase_if(regions_, [end](const speech::SampleRange& region) { return region.end + kRampSamples <= end; });
}

/// 0 within speech, rising to 1 over a ramp on both sides.
float SpeechMask::gain_at(std::int64_t sample) const {
  std::int64_t distance = kRampSamples;
  for (const speech::SampleRange& region : regions_) {
    distance = std::min(distance, std::max({std::int64_t{0}, region.begin - sample, sample - region.end + 1}));
  }
  return static_cast<float>(distance) / static_cast<float>(kRampSamples);
}

}  // namespace cinescribe::pipeline
