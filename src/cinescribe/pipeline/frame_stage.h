#pragma once

#include <memory>

#include "cinescribe/pipeline/stage.h"

namespace cinescribe::pipeline {

/// Which pictures of a scene are stored.
enum class KeptFrames { kStartAndMiddle, kStart, kMiddle };

struct FrameStageOptions {
  KeptFrames kept = KeptFrames::kStartAndMiddle;
  int short_side_px = 336;
  int jpeg_quality = 90;
  media::DecodeOptions decode;  ///< Track, hardware and threads.
};

/// The stage "frames", after "scenes": the pictures at the start and in the middle of each scene (or one of them), as
/// `frames/scene_00012_start.jpg` and `…_middle.jpg` below the video's folder. Units are
/// `{"scene_index": 12, "files": ["frames/…", …]}`.
///
/// The middle of a scene is known only when the scene is over, so the pictures come from a second, seeking pass, which
/// goes on beside the first one, a scene behind it.
std::unique_ptr<Stage> make_frame_stage(const FrameStageOptions& options = {});

}  // namespace cinescribe::pipeline
