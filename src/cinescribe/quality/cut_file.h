#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"

namespace cinescribe::quality {

/// Cuts of a video: the frames, from 0, with which a new scene begins.
///
/// By the ending of `name`: `.json` (`cuts` of `cinescribe scenes --json`, else `scenes[].start_frame`, as in
/// `base_data.json`), `.csv` (a column `start_frame`, from 0, as cinescribe writes it, or `Start Frame`, from 1, as
/// PySceneDetect does), else text with a frame number per line, `#` before remarks. The first scene's start is no cut.
/// Errors: kInput, naming `name` and the line or key.
Result<std::vector<std::int64_t>> cuts_from(std::string_view bytes, const std::string& name);

/// The same from a file of at most 256 MiB.
Result<std::vector<std::int64_t>> read_cuts(const std::filesystem::path& path);

}  // namespace cinescribe::quality
