#include "cinescribe/results/export_format.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace cinescribe::results {
namespace {

constexpr std::array<std::pair<std::string_view, ExportFormat>, 12> kFormats = {{{"srt", ExportFormat::kSrt},
                                                                                 {"vtt", ExportFormat::kVtt},
                                                                                 {"txt", ExportFormat::kTxt},
                                                                                 {"csv", ExportFormat::kCsv},
                                                                                 {"edl", ExportFormat::kEdl},
                                                                                 {"otio", ExportFormat::kOtio},
                                                                                 {"fcpxml", ExportFormat::kFcpxml},
                                                                                 {"mot", ExportFormat::kMot},
                                                                                 {"coco", ExportFormat::kCoco},
                                                                                 {"chapters", ExportFormat::kChapters},
                                                                                 {"md", ExportFormat::kMarkdown},
                                                                                 {"html", ExportFormat::kHtml}}};

}  // namespace

Result<ExportFormat> parse_export_format(std::string_view name) {
  const auto* found = std::find_if(kFormats.begin(), kFormats.end(), [&](const auto& f) { return f.first == name; });
  if (found != kFormats.end()) return found->second;
  std::string known;
  for (const auto& [word, format] : kFormats) known.append(known.empty() ? "" : ", ").append(word);
  return Error{ErrorCode::kUsage, "unknown export format '" + std::string(name) + "'; there are " + known};
}

std::string_view export_format_name(ExportFormat format) {
  const auto* found = std::find_if(kFormats.begin(), kFormats.end(), [&](const auto& f) { return f.second == format; });
  return found == kFormats.end() ? std::string_view() : found->first;
}

}  // namespace cinescribe::results
