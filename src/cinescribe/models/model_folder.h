#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "cinescribe/core/status.h"

namespace cinescribe::models {

/// The model folder (docs/model-folder.md) that `--model M` of a vision-language model stands for: the name of an
/// installed model, or a folder ("./NAME" for one that is named like a catalogue model). Only looks whether it is
/// there; `tensor::read_model_card` reads it. Errors: kModel, naming the command that mends it (`models pull`,
/// `import`).
Result<std::filesystem::path> find_model_folder(std::string_view name_or_path);

/// What a folder is called: its last name, also where the path ends with "/" or is "."; that of what a link points to.
std::string folder_name(const std::filesystem::path& folder);

/// Whether `folder` holds a model.json.
bool is_model_folder(const std::filesystem::path& folder);

}  // namespace cinescribe::models
