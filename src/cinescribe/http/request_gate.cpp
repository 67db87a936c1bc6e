#include "cinescribe/http/request_gate.h"

#include <algorithm>

#include "cinescribe/http/retry.h"

namespace cinescribe::http {

RequestGate::RequestGate(double requests_per_minute) {
  if (requests_per_minute > 0.0) {
    const double seconds = std::min(60.0 / requests_per_minute, 3600.0);
    spacing_ = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  }
}

bool RequestGate::pass(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    Clock::duration wait{};
    {
      const std::lock_guard lock(mutex_);
      const Clock::time_point now = Clock::now();
      if (now >= next_) {
        next_ = now + spacing_;
        return true;
      }
      wait = next_ - now;
    }
    sleep_unless_stopped(std::chrono::ceil<std::chrono::milliseconds>(wait), stop);
  }
  return false;
}

void RequestGate::hold(std::chrono::milliseconds length) {
  const std::lock_guard lock(mutex_);
  next_ = std::max(next_, Clock::now() + length);
}

}  // namespace cinescribe::http
