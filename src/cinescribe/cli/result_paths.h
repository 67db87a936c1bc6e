#pragma once

#include <filesystem>
#include <string>

#include "cinescribe/core/status.h"

namespace cinescribe::cli {

/// Where the results of one video lie.
struct ResultPaths {
  std::filesystem::path folder;     ///< `results/base/<video>`.
  std::filesystem::path base_data;  ///< `base_data.json` in it.
  std::filesystem::path captions;   ///< `vlm_captions.json` of the chosen captioner; empty = none.
};

/// Finds them from what a person points at: the folder of a video, `base_data.json`, the folder of a captioner's
/// results for a video, or `vlm_captions.json`. `captioner` names whose captions to take; empty = the only one's, or,
/// with a note on stderr, none where there are several. Errors: kInput (nothing there), kUsage (no such captioner; the
/// message lists those there are).
Result<ResultPaths> find_results(const std::filesystem::path& path, const std::string& captioner);

}  // namespace cinescribe::cli
