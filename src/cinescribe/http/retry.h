#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

#include "cinescribe/http/client.h"

/// How long to wait before another try; private to this room.
namespace cinescribe::http {

/// The wait after failed try `attempt` (from 1), or nothing when no further try is allowed. `random_part` in [0, 1)
/// decides how much of up to a half is taken off, so that many clients do not come back in step.
std::optional<std::chrono::milliseconds> wait_before_next(const RetryPolicy& policy, int attempt,
                                                          std::optional<std::chrono::milliseconds> retry_after,
                                                          double random_part);

/// A number in [0, 1); thread-safe.
double random_part();

/// Sleeps; false when a stop was requested meanwhile (returns at once then).
bool sleep_unless_stopped(std::chrono::milliseconds length, const std::stop_token& stop);

}  // namespace cinescribe::http
