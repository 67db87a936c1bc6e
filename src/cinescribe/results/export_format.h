#pragma once

#include <string_view>

#include "cinescribe/core/status.h"

namespace cinescribe::results {

/// What `cinescribe export` writes.
enum class ExportFormat { kSrt, kVtt, kTxt, kCsv, kEdl, kOtio, kFcpxml, kMot, kCoco, kChapters, kMarkdown, kHtml };

/// "srt", "vtt", ..., "md", "html". Error: kUsage, naming the formats there are.
Result<ExportFormat> parse_export_format(std::string_view name);

/// The word that `parse_export_format` reads.
std::string_view export_format_name(ExportFormat format);

}  // namespace cinescribe::results
