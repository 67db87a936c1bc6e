#include "cinescribe/core/pulse.h"

#include <atomic>

namespace cinescribe {

namespace {

std::atomic<std::uint64_t> steps{0};

}  // namespace

void count_step() { steps.fetch_add(1, std::memory_order_relaxed); }

std::uint64_t steps_done() { return steps.load(std::memory_order_relaxed); }

}  // namespace cinescribe
