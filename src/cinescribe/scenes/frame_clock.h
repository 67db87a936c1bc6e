#pragma once

#include <cstdint>

#include "cinescribe/core/rational.h"
#include "cinescribe/core/time.h"

namespace cinescribe::scenes {

/// Turns times into frame numbers of the nominal rate and back.
///
/// On constant-rate video the number is the index of the frame; on variable-rate video it is the time in units of the
/// average frame interval, so several frames may share a number and numbers may be left out.
/// @source PySceneDetect 0.7.2, FrameTimecode and its OpenCV backend
class FrameClock {
 public:
  /// `average_rate` as in the container. Near multiples of 1000/1001 become exact, whole rates stay whole, others get
  /// a denominator of at most 10000. Unknown or absurd rates count as 25.
  explicit FrameClock(Rational average_rate);

  [[nodiscard]] Rational rate() const { return rate_; }
  /// Rounded to the nearest microsecond, half to even: the resolution in which positions are compared.
  [[nodiscard]] static std::int64_t microseconds(Timestamp time);
  /// A time, or a length of time, in frame intervals, rounded half to even.
  [[nodiscard]] std::int64_t frames_in(std::int64_t microseconds) const;
  /// Number of the frame shown at a time.
  [[nodiscard]] std::int64_t frame_number(Timestamp time) const { return frames_in(microseconds(time)); }
  /// Time of a frame number.
  [[nodiscard]] Timestamp time_of(std::int64_t frame_number) const;

 private:
  Rational rate_;
};

}  // namespace cinescribe::scenes
