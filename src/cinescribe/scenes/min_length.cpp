#include "cinescribe/scenes/min_length.h"

#include <algorithm>
#include <cmath>

namespace cinescribe::scenes {

MinLength MinLength::resolved(const FrameClock& clock) const {
  if (unit_ != Unit::kFramesWithin) return *this;
  return frames(static_cast<std::int64_t>(std::floor(seconds_ * clock.rate().value())));
}

bool MinLength::is_disabled() const { return unit_ == Unit::kFrames ? frames_ <= 0 : seconds_ <= 0.0; }

bool MinLength::is_met(Timestamp from, Timestamp to, const FrameClock& clock) const {
  const std::int64_t length_us =
      std::max<std::int64_t>(0, FrameClock::microseconds(to) - FrameClock::microseconds(from));
  if (unit_ == Unit::kFrames) return clock.frames_in(length_us) >= frames_;
  return static_cast<double>(length_us) / 1e6 >= seconds_;
}

}  // namespace cinescribe::scenes
