#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cinescribe/bench/raw_record.h"
#include "cinescribe/cli/commands.h"
#include "cinescribe/cli/quality_log.h"
#include "cinescribe/core/status.h"

namespace cinescribe::cli {

/// What an evaluation found, in the three forms in which it is wanted.
struct Evaluation {
  std::vector<bench::QualityRecord> records;  ///< For the report of a bench.
  nlohmann::ordered_json json;                ///< For programs.
  std::function<void()> print;                ///< For people, to stdout.
};

/// The end of every evaluation: what was found goes on record where that is wanted, and is shown.
Outcome conclude(const Result<Evaluation>& evaluation, const QualityLog& log, bool is_json);

/// What was said against what was heard: files of transcripts, or folders with base_data.json. Errors: kInput.
Result<Evaluation> evaluate_speech(const std::string& reference, const std::string& result, bool is_exact);
/// True cuts against found ones. Errors: kInput.
Result<Evaluation> evaluate_scenes(const std::string& reference, const std::string& result,
                                   std::int64_t tolerance_frames);
/// What is heard when against tags. Errors: kInput.
Result<Evaluation> evaluate_sounds(const std::string& reference, const std::string& result);
/// True tracks against found ones: MOT text; `result` may be a video's folder below results/base. Errors: kInput.
Result<Evaluation> evaluate_tracks(const std::string& ground_truth, const std::string& result);

inline constexpr std::int64_t kCutTolerance = 2;  ///< Frames.

}  // namespace cinescribe::cli
