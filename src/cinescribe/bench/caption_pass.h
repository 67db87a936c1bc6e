#pragma once

#include <filesystem>

#include "cinescribe/bench/bench_run.h"
#include "cinescribe/bench/pass_tools.h"
#include "cinescribe/bench/raw_record.h"
#include "cinescribe/core/status.h"

namespace cinescribe::bench {

/// Loads a captioner, describes the scenes of the stage-1 result in `base` into `folder`, and files samples, a unit per
/// scene in the order in which they were finished, and last the pass. `pass` says what it is and gets the figures.
/// Errors: those of `pipeline::caption_video`, with nothing filed of the pass itself; kResource.
Status run_caption_pass(const FreshCaptioner& captioner, const std::filesystem::path& base,
                        const std::filesystem::path& folder, PassRecord& pass, const PassTools& tools);

}  // namespace cinescribe::bench
