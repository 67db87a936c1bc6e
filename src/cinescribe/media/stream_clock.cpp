#include "cinescribe/media/stream_clock.h"

namespace cinescribe::media {

std::optional<Timestamp> StreamClock::at(std::int64_t pts) const {
  std::int64_t ticks = 0;
  if (pts == kNoPts || !origin_pts_ || __builtin_sub_overflow(pts, *origin_pts_, &ticks)) return std::nullopt;
  const auto t = stream_time(ticks, time_base_);
  if (!t) return std::nullopt;
  return *t + shift_;
}

std::optional<Timestamp> StreamClock::origin() const {
  if (!origin_pts_) return std::nullopt;
  return stream_time(*origin_pts_, time_base_);
}

Timestamp StreamClock::next(std::int64_t pts) {
  if (!last_) {
    if (stream_time(pts, time_base_)) origin_pts_ = pts;
    last_ = Timestamp();
    return *last_;
  }
  const Timestamp guess = *last_ + nominal_;
  if (!origin_pts_ && stream_time(pts, time_base_)) {  // stamps begin late: tie them to the guessed time line
    origin_pts_ = pts;
    shift_ = guess - Timestamp();
  }
  Timestamp t = at(pts).value_or(guess);
  if (t <= *last_) {
    constexpr Duration kJoin = Duration::from_ms(1000);
    if (*last_ - t > kJoin) {
      shift_ = shift_ + (guess - t);
      t = guess;
    } else {
      t = *last_ + Duration::from_ns(1000);
    }
  }
  last_ = t;
  return t;
}

}  // namespace cinescribe::media
