#include "cinescribe/http/retry.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>

namespace cinescribe::http {

std::optional<std::chrono::milliseconds> wait_before_next(const RetryPolicy& policy, int attempt,
                                                          std::optional<std::chrono::milliseconds> retry_after,
                                                          double random_part) {
  if (attempt >= policy.max_attempts) return std::nullopt;
  if (retry_after && *retry_after > policy.longest_retry_after) return std::nullopt;
  const int doublings = std::clamp(attempt - 1, 0, 30);
  const auto doubled = std::min(policy.longest_wait, policy.first_wait * (std::int64_t{1} << doublings));
  const auto shortened = std::chrono::milliseconds(
      static_cast<std::int64_t>(static_cast<double>(doubled.count()) * (1.0 - random_part / 2)));
  return std::max(shortened, retry_after.value_or(std::chrono::milliseconds(0)));
}

double random_part() {
  static std::mutex mutex;
  static std::minstd_rand generator(std::random_device{}());
  const std::lock_guard lock(mutex);
  return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
}

bool sleep_unless_stopped(std::chrono::milliseconds length, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  woken.wait_for(lock, stop, length, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace cinescribe::http
