#pragma once

#include <cstdint>

/// A sign of life of whatever computes in this process. Engines count a step each time a computation is done (a picture
/// encoded, a batch of tokens decoded), whoever watches over the process reads the count: while it moves, work goes on.
namespace cinescribe {

/// One more step is done. Costs next to nothing; thread-safe.
void count_step();

/// Steps done since the process began. Thread-safe.
std::uint64_t steps_done();

}  // namespace cinescribe
