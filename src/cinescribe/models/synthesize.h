#pragma once

#include <string_view>

#include "cinescribe/core/status.h"
#include "cinescribe/models/checkpoint_import.h"

namespace cinescribe::models {

/// A model folder with random weights in the true shapes of a model of the catalogue: for measuring speed and memory
/// before fetching the real one. It is marked: `is_synthetic` in model.json and in its GGUF files, and in the record of
/// installed models.
///
/// Writes the folder `out`. `layers` > 0: only so many layers of the language model. `options.name`, `source` and
/// `licence` are set here. Errors: kModel (no such name), kUsage (`out` is there), kResource, kInterrupted.
Result<ImportReport> synthesize_model(std::string_view name, int layers, const std::filesystem::path& out,
                                      ImportOptions options);

/// The same into the cache, under the model's name. A real model of that name is only replaced with `is_forced`.
Result<ImportReport> install_synthetic(std::string_view name, int layers, const ImportOptions& options);

}  // namespace cinescribe::models
