#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"

namespace cinescribe::pipeline {

/// The media files that a list of files and folders stands for.
struct MediaFiles {
  std::vector<std::filesystem::path> files;  ///< In the order given; those of a folder sorted by path; each once.
  std::vector<Error> problems;               ///< Missing inputs, unreadable folders, folders without media; kInput.
};

/// Looks into folders to any depth (hidden ones left out) for names with an extension of video or sound; a file that is
/// named itself is taken whatever its name.
MediaFiles find_media_files(const std::vector<std::filesystem::path>& inputs);

/// Whether the name ends like a video's or a recording's, in upper or lower case.
bool has_media_extension(const std::filesystem::path& file);

}  // namespace cinescribe::pipeline
