#include "cinescribe/pipeline/transcript_files.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "cinescribe/core/file.h"
#include "cinescribe/results/subtitles.h"

namespace cinescribe::pipeline {

namespace {

using Format = results::TranscriptFormat;
constexpr std::array kFormats = {Format::kJson, Format::kSrt, Format::kTxt, Format::kVtt};

/// Words where they are known, else what spaces divide.
std::int64_t word_count(const results::SegmentRecord& segment) {
  if (!segment.words.empty()) return static_cast<std::int64_t>(segment.words.size());
  if (segment.text.empty()) return 0;
  return 1 + std::count(segment.text.begin(), segment.text.end(), ' ');
}

std::string file_name(Format format) { return std::string("transcript.") + results::extension_of(format); }

}  // namespace

std::vector<std::string> transcript_file_names() {
  std::vector<std::string> names;
  names.reserve(kFormats.size());
  for (const Format format : kFormats) names.push_back(file_name(format));
  return names;
}

Result<TranscriptTotals> write_transcript_files(const std::filesystem::path& folder,
                                                const std::optional<results::SpokenLanguage>& language,
                                                const SpeechByScene::Next& next) {
  TranscriptTotals totals;
  std::vector<results::SegmentRecord> segments;
  for (;;) {
    CINESCRIBE_ASSIGN(std::optional<results::SegmentRecord> segment, next());
    if (!segment) break;
    totals.words += word_count(*segment);
    segments.push_back(std::move(*segment));
  }
  totals.segments = static_cast<std::int64_t>(segments.size());
  for (const Format format : kFormats) {
    CINESCRIBE_TRY(write_file_atomically(
        folder / file_name(format),
        results::write_transcript(format, language.value_or(results::SpokenLanguage()), segments, {})));
  }
  return totals;
}

}  // namespace cinescribe::pipeline
