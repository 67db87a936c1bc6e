#pragma once

#include <filesystem>
#include <vector>

#include "cinescribe/core/status.h"

namespace cinescribe::pipeline {

/// The finished stage-1 results that a list of arguments stands for.
struct ResultFolders {
  std::vector<std::filesystem::path>
      folders;                  ///< Absolute; each holds a base_data.json; in the order given, each once.
  std::vector<Error> problems;  ///< Arguments that stand for none; kInput.
};

/// An argument is a video's folder (`results/base/talk`), its base_data.json, or a folder above (`results/base`,
/// `results`), which stands for all videos in it, sorted by name.
ResultFolders find_result_folders(const std::vector<std::filesystem::path>& arguments);

/// The folder that captions go to when nothing else is said: that above `base` (`results` of `results/base/talk`).
std::filesystem::path output_of(const std::filesystem::path& result_folder);

}  // namespace cinescribe::pipeline
