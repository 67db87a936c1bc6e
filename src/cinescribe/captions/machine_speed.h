#pragma once

#include <string>

#include "cinescribe/core/status.h"

namespace cinescribe::captions {

/// How fast a device multiplies 8-bit matrices, as language models do.
struct MachineSpeed {
  double gflops = 0.0;                ///< With many columns: reading prompts, encoding pictures.
  double gigabytes_per_second = 0.0;  ///< Of weights, with one column: writing text.
};

/// Multiplies matrices of the size of a small model's for about half a second, the best of three rounds each; other
/// work on the machine makes it slower. Errors: kResource (no such device, memory).
Result<MachineSpeed> measure_machine_speed(const std::string& device, int threads);

}  // namespace cinescribe::captions
