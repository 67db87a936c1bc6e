#pragma once

#include <filesystem>
#include <string>

#include "cinescribe/bench/report_document.h"
#include "cinescribe/core/status.h"

namespace cinescribe::bench {

struct ReportFiles {
  std::filesystem::path markdown;
  std::filesystem::path page;
  std::int64_t rows = 0;
  std::int64_t bad_lines = 0;  ///< Of the measurements, skipped.
};

/// The report on the measurements in `folder` (or in the file that it names); `compare` (empty = none) is an older
/// folder or file. Errors: kInput.
Result<ReportDocument> make_report(const std::filesystem::path& folder, const std::filesystem::path& compare);

/// Writes report.md and report.html into `output`. Errors: kInput, kResource.
Result<ReportFiles> write_report(const std::filesystem::path& folder, const std::filesystem::path& compare,
                                 const std::filesystem::path& output);

}  // namespace cinescribe::bench
