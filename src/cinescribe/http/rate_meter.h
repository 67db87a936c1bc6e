#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

namespace cinescribe::http {

/// The speed of a transfer over its last few seconds.
class RateMeter {
 public:
  using Clock = std::chrono::steady_clock;

  /// Notes that `done_bytes` in all were there at `now`.
  void add(std::uint64_t done_bytes, Clock::time_point now);
  /// 0 until half a second has been seen.
  [[nodiscard]] double bytes_per_second() const;

 private:
  struct Sample {
    Clock::time_point time;
    std::uint64_t done_bytes;
  };
  std::deque<Sample> samples_;
};

}  // namespace cinescribe::http
