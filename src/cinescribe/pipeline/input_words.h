#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"

namespace cinescribe::pipeline {

/// The paths that the words of a command line stand for.
struct InputPaths {
  std::vector<std::filesystem::path> paths;  ///< In the order given; a pattern's matches sorted.
  std::vector<Error> problems;               ///< Patterns without a match, lists that cannot be used; kInput.
};

/// Takes a word that names something as it is; else `@FILE` for the lines of a list, and a word with `*`, `?` or `[`
/// for the files and folders that match (as a shell would have found them; quote it where there are too many). Anything
/// else is a path, whether it exists or not.
///
/// A list is UTF-8 with one word a line; blank lines and lines that begin with '#' are left out, lists in lists are not
/// followed. Its relative paths start from the folder of the list, those of `@-` (standard input) from the current one.
InputPaths expand_inputs(const std::vector<std::string>& words);

}  // namespace cinescribe::pipeline
