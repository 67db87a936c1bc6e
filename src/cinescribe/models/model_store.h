#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "cinescribe/core/status.h"

namespace cinescribe::models {

/// Where models, converted models and unfinished downloads live: `$CINESCRIBE_CACHE`, else
/// `$XDG_CACHE_HOME/cinescribe`, else `~/.cache/cinescribe`.
std::filesystem::path cache_folder();

/// What a `--model M` argument stands for.
struct LocatedModel {
  std::string name;            ///< Catalogue name, or the file's or folder's name.
  std::filesystem::path path;  ///< Folder or file on disk; of a catalogue model of one file, that file.
  std::string sha256;          ///< Of the model's main file.
  bool is_from_catalogue = false;
};

/// Finds an installed model by catalogue name, folder or file (a folder named like a catalogue model: "./NAME"). The
/// content of a catalogue model was verified when it was installed; here only lengths are compared. Errors: kModel; a
/// catalogue model that is not installed names the command that installs it, an unknown name names the nearest known
/// one.
Result<LocatedModel> locate(std::string_view model);

}  // namespace cinescribe::models
