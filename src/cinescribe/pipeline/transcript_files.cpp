#include "cinescribe/pipeline/transcript_files.h"

#include <algorithm>
#include <string>
#include <utility>

#include "cinescribe/results/atomic_file.h"
#include "cinescribe/results/record_json.h"

namespace cinescribe::pipeline {

namespace {

/// Words where they are known, else what spaces divide.
std::int64_t word_count(const results::SegmentRecord& segment) {
  if (!segment.words.empty()) return static_cast<std::int64_t>(segment.words.size());
  if (segment.text.empty()) return 0;
  return 1 + std::count(segment.text.begin(), segment.text.end(), ' ');
}

}  // namespace

Result<TranscriptTotals> write_transcript_files(const std::filesystem::path& folder,
                                                const std::optional<results::SpokenLanguage>& language,
                                                const SpeechByScene::Next& next) {
  CINESCRIBE_ASSIGN(auto json, results::AtomicFile::create(folder / "transcript.json"));
  CINESCRIBE_ASSIGN(auto text, results::AtomicFile::create(folder / "transcript.txt"));
  const std::string code = language ? results::language_json(*language) : "null";
  CINESCRIBE_TRY(json.write("{\n  \"schema_version\": " + std::to_string(results::kSchemaVersion) +
                            ",\n  \"language\": " + code + ",\n  \"segments\": ["));
  TranscriptTotals totals;
  for (;;) {
    CINESCRIBE_ASSIGN(const std::optional<results::SegmentRecord> segment, next());
    if (!segment) break;
    CINESCRIBE_TRY(json.write((totals.segments == 0 ? "\n    " : ",\n    ") + results::segment_json(*segment)));
    CINESCRIBE_TRY(text.write(segment->text + "\n"));
    ++totals.segments;
    totals.words += word_count(*segment);
  }
  CINESCRIBE_TRY(json.write(totals.segments == 0 ? "]\n}\n" : "\n  ]\n}\n"));
  CINESCRIBE_TRY(json.commit());
  CINESCRIBE_TRY(text.commit());
  return totals;
}

}  // namespace cinescribe::pipeline
