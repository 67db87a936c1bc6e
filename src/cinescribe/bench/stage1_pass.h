#pragma once

#include <filesystem>

#include "cinescribe/bench/pass_tools.h"
#include "cinescribe/bench/raw_record.h"
#include "cinescribe/core/status.h"
#include "cinescribe/pipeline/analysis.h"

namespace cinescribe::bench {

/// Runs stage 1 over one video and files its samples, a unit for decoding, for every stage and for the rest ("other"),
/// and last the pass. `pass` says what it is and gets the figures. Errors: those of the analysis, with nothing filed of
/// the pass itself but what was measured until then; kResource.
Status run_stage1_pass(pipeline::Analysis& analysis, const std::filesystem::path& video, PassRecord& pass,
                       const PassTools& tools);

/// What stage 1 found out about the video whose results lie in `folder`. Errors: kInput.
Result<VideoRecord> video_record(const std::filesystem::path& folder);

/// How many scenes stage 1 found, from its results in `folder`. Errors: kInput.
Result<std::int64_t> scene_count(const std::filesystem::path& folder);

}  // namespace cinescribe::bench
