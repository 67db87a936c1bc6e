#pragma once

#include <map>
#include <string>
#include <string_view>

#include "cinescribe/core/status.h"

namespace cinescribe::models {

/// Checksums recorded at the first fetch of files for which upstream publishes none: a later fetch must bring the same.
using Pins = std::map<std::string, std::string>;  ///< Path in the model -> SHA-256.

/// Empty when there are none. Errors: kModel (the file is damaged).
Result<Pins> read_pins(std::string_view model);
/// Errors: kResource.
Status write_pins(std::string_view model, const Pins& pins);

}  // namespace cinescribe::models
