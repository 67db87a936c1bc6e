#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/pipeline/speech_by_scene.h"
#include "cinescribe/results/base_data.h"

namespace cinescribe::pipeline {

/// transcript.json, .srt, .txt and .vtt.
std::vector<std::string> transcript_file_names();

struct TranscriptTotals {
  std::int64_t segments = 0;
  std::int64_t words = 0;
};

/// Writes the transcript of one video in every format, pulling segment after segment from `next`. Holds the
/// transcript in memory (an hour of talk: about 2 MB). Errors: kResource, and those of `next`.
Result<TranscriptTotals> write_transcript_files(const std::filesystem::path& folder,
                                                const std::optional<results::SpokenLanguage>& language,
                                                const SpeechByScene::Next& next);

}  // namespace cinescribe::pipeline
