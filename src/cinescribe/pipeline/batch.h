#pragma once

#include <cstddef>
#include <functional>

#include "cinescribe/core/status.h"

namespace cinescribe::pipeline {

/// Calls `work(i)` for i = 0 … count-1, up to `jobs` at the same time, each on a thread of its own (on the caller's
/// where there is one job). `take(i)` is called right before, in order, one at a time. After the first error nothing
/// new is begun; what is at work ends. Exceptions become errors. Returns the first error by `i`.
Status run_batch(std::size_t count, int jobs, const std::function<void(std::size_t)>& take,
                 const std::function<Status(std::size_t)>& work);

}  // namespace cinescribe::pipeline
