#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/quality/tag_precision.h"

namespace cinescribe::quality {

/// What is truly heard when. By the ending of `name`: `.json` (a list, or `spans` or `timeline` of an object, of
/// {start_seconds, end_seconds, label}), `.csv` (start, end, label as the first three columns, or as named by a
/// header), else lines of start, end and label parted by tabs (Audacity's label tracks). Times are seconds.
/// Errors: kInput, naming `name` and the line or entry.
Result<std::vector<LabelledSpan>> spans_from(std::string_view bytes, const std::string& name);

/// Tagged windows: `windows` of `cinescribe sounds --json`, or the scenes of `base_data.json`. Give `--threshold 0
/// --top-k 0` there: a tag that was left out counts as a score of 0. Errors: kInput.
Result<std::vector<ScoredWindow>> windows_from(std::string_view bytes, const std::string& name);

/// The same from files of at most 1 GiB.
Result<std::vector<LabelledSpan>> read_spans(const std::filesystem::path& path);
Result<std::vector<ScoredWindow>> read_windows(const std::filesystem::path& path);

}  // namespace cinescribe::quality
