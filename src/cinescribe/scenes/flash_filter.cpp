#include "cinescribe/scenes/flash_filter.h"

namespace cinescribe::scenes {

FlashFilter::FlashFilter(Mode mode, MinLength length, const FrameClock& clock)
    : mode_(mode), length_(length.resolved(clock)), clock_(clock) {}

std::optional<Timestamp> FlashFilter::push(Timestamp time, bool is_above_threshold) {
  newest_ = time;
  if (length_.is_disabled()) return is_above_threshold ? std::optional(time) : std::nullopt;
  if (!last_above_) last_above_ = time;
  return mode_ == Mode::kMerge ? push_merge(time, is_above_threshold) : push_suppress(time, is_above_threshold);
}

Timestamp FlashFilter::settled_until() const {
  // A merge that is still too short cannot end where it is: it needs another high frame, which is to come.
  const bool could_cut = merging_since_ && length_.is_met(*merging_since_, *last_above_, clock_);
  return could_cut ? *last_above_ : newest_;
}

std::optional<Timestamp> FlashFilter::push_suppress(Timestamp time, bool is_above) {
  if (!is_above || !length_.is_met(*last_above_, time, clock_)) return std::nullopt;
  last_above_ = time;
  return time;
}

std::optional<Timestamp> FlashFilter::push_merge(Timestamp time, bool is_above) {
  const bool is_far = length_.is_met(*last_above_, time, clock_);
  if (is_above) last_above_ = time;
  if (merging_since_) {
    if (is_far && !is_above && length_.is_met(*merging_since_, *last_above_, clock_)) {
      merging_since_.reset();
      return last_above_;
    }
    return std::nullopt;
  }
  if (!is_above) return std::nullopt;
  if (is_far) {
    has_cut_ = true;
    return time;
  }
  if (has_cut_) merging_since_ = time;
  return std::nullopt;
}

}  // namespace cinescribe::scenes
