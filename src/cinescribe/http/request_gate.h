#pragma once

#include <chrono>
#include <mutex>
#include <stop_token>

namespace cinescribe::http {

/// Holds several threads' requests to one server back together: when the server asks one of them for a pause, none is
/// sent until it is over, instead of each being refused in turn. Thread-safe.
class RequestGate {
 public:
  using Clock = std::chrono::steady_clock;

  /// At most so many requests a minute, evenly spread; 0 = no limit of our own.
  explicit RequestGate(double requests_per_minute = 0.0);

  /// Waits until a request may be sent, and counts it. False when a stop was requested meanwhile.
  bool pass(const std::stop_token& stop);

  /// No request passes for so long from now; a longer pause that runs already stays.
  void hold(std::chrono::milliseconds length);

 private:
  std::mutex mutex_;
  Clock::duration spacing_{};
  Clock::time_point next_{};
};

}  // namespace cinescribe::http
