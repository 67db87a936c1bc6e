#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"

namespace cinescribe::models {

/// Names of the models whose true shapes are known here.
std::vector<std::string> synthetic_names();

/// Writes the small files of a checkpoint of this name into `folder`: configuration in the true shapes, made-up
/// tokenizers of the true size; no weights. `layers` > 0: a language model with so many layers only, for a quick look.
/// Errors: kModel (no such name), kResource.
Status write_synthetic_checkpoint(std::string_view name, int layers, const std::filesystem::path& folder);

}  // namespace cinescribe::models
