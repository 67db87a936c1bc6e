#pragma once

#include <string>
#include <string_view>

#include "cinescribe/core/status.h"

namespace cinescribe::captions {

/// How fast a device multiplies matrices of one type of weights, as language models do.
struct MachineSpeed {
  double gflops = 0.0;                ///< With many columns: reading prompts, encoding pictures.
  double gigabytes_per_second = 0.0;  ///< Of weights, with one column: writing text.
};

/// The same for the types that models come in.
struct MachineSpeeds {
  MachineSpeed f16;
  MachineSpeed q8_0;
  MachineSpeed q6_k;
  MachineSpeed q4_k;
  double attention_gflops = 0.0;  ///< Of queries with keys and values in f16, as prompts are read.

  /// Of a type by its name; mixtures count as the type of most of their matrices, unknown names as q8_0.
  [[nodiscard]] const MachineSpeed& of(std::string_view type) const;
};

/// Multiplies matrices of the size of a small model's, and attends, for about three seconds, the best of three rounds
/// each; other work on the machine makes it slower. Errors: kResource (no such device, memory).
Result<MachineSpeeds> measure_machine_speed(const std::string& device, int threads);

}  // namespace cinescribe::captions
