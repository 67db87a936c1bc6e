#pragma once

#include <string>

#include "cinescribe/results/records.h"

namespace cinescribe::results {

/// Header line of the table of scenes (RFC 4180, comma, "\n"): scene_index, start_frame, end_frame, start_seconds,
/// end_seconds, duration_seconds, start_timecode, end_timecode.
std::string scene_csv_header();

/// One scene as a line of that table; seconds with six decimals.
std::string scene_csv_row(const SceneRecord& scene);

}  // namespace cinescribe::results
