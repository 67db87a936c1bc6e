#pragma once

#include <stop_token>

#include "cinescribe/bench/gpu_meter.h"
#include "cinescribe/bench/record_file.h"
#include "cinescribe/pipeline/progress_listener.h"

namespace cinescribe::bench {

/// What a pass works with; all of it outlives the pass.
struct PassTools {
  RecordFile& file;
  GpuMeter* gpus = nullptr;  ///< May be null.
  pipeline::ProgressListener& listener;
  std::stop_token stop;
};

}  // namespace cinescribe::bench
