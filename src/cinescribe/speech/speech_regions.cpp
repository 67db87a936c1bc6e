#include "cinescribe/speech/speech_regions.h"

#include <algorithm>

#include "cinescribe/core/audio.h"
#include "cinescribe/speech/voice_activity.h"

namespace cinescribe::speech {

namespace {

constexpr std::int64_t samples_of_ms(std::int64_t ms) { return ms * kAudioRateHz / 1000; }

/// A pause of this length is good enough to cut a region that grows too long.
constexpr std::int64_t kCutPause = samples_of_ms(98);

}  // namespace

RegionFinder::RegionFinder(const RegionOptions& options)
    : options_(options),
      min_speech_(samples_of_ms(options.min_speech_ms)),
      min_silence_(samples_of_ms(options.min_silence_ms)),
      pad_(samples_of_ms(options.pad_ms)),
      max_region_(static_cast<std::int64_t>(options.max_region_seconds * kAudioRateHz) - kVadChunkSamples - 2 * pad_) {}

void RegionFinder::push(double probability, std::vector<SampleRange>& regions) {
  const std::int64_t now = position_;
  position_ += kVadChunkSamples;
  const bool is_speech = probability >= options_.threshold;
  if (is_speech && pause_) {
    if (cut_end_ && !cut_begin_) cut_begin_ = now;
    pause_.reset();
  }
  if (!begin_) {
    if (is_speech) begin_ = now;
    // With enough silence behind the previous region, nothing to come can change it.
    if (!begin_ && previous_ && now - previous_->end >= 2 * pad_) emit_previous(now, regions);
    return;
  }
  if (now - *begin_ > max_region_) {
    if (!cut_end_) {
      close(now, regions);
      return;
    }
    const std::optional<std::int64_t> goes_on = cut_begin_;
    close(*cut_end_, regions);
    if (!goes_on) return;
    begin_ = goes_on;
  }
  if (probability >= options_.exit_threshold) return;
  if (!pause_) pause_ = now;
  if (now - *pause_ > kCutPause) {
    cut_end_ = pause_;
    cut_begin_.reset();
  }
  if (now - *pause_ >= min_silence_) close(*pause_, regions);
}

void RegionFinder::finish(std::int64_t total_samples, std::vector<SampleRange>& regions) {
  if (begin_ && total_samples > *begin_) close(total_samples, regions);
  if (previous_) {
    previous_->end = std::min(total_samples, previous_->end + pad_);
    if (previous_->length() > 0) regions.push_back(*previous_);
    previous_.reset();
  }
}

std::int64_t RegionFinder::earliest_begin() const {
  if (previous_) return previous_->begin;
  return std::max(emitted_until_, begin_.value_or(position_) - pad_);
}

void RegionFinder::close(std::int64_t end, std::vector<SampleRange>& regions) {
  const SampleRange found{*begin_, end};
  begin_.reset();
  forget_pauses();
  if (found.length() <= min_speech_) return;
  if (previous_) emit_previous(found.begin, regions);
  previous_ = SampleRange{std::max(emitted_until_, found.begin - pad_), found.end};
}

void RegionFinder::emit_previous(std::int64_t next_begin, std::vector<SampleRange>& regions) {
  previous_->end += std::min(pad_, (next_begin - previous_->end) / 2);
  emitted_until_ = previous_->end;
  regions.push_back(*previous_);
  previous_.reset();
}

void RegionFinder::forget_pauses() {
  pause_.reset();
  cut_end_.reset();
  cut_begin_.reset();
}

}  // namespace cinescribe::speech
