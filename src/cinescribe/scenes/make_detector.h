#pragma once

#include <memory>

#include "cinescribe/core/rational.h"
#include "cinescribe/core/status.h"
#include "cinescribe/scenes/detector_options.h"
#include "cinescribe/scenes/scene_detector.h"

namespace cinescribe::scenes {

/// What a detector must know about the video besides its frames.
struct VideoFacts {
  Rational average_rate;  ///< From the container (`media::VideoStream::average_rate`), 0/1 if unknown.
};

/// Makes the detector that `options` describe. Push every decoded frame: `frame_skip` is handled inside.
/// Errors: kUsage for an option out of its range (the message names the option and the range).
Result<std::unique_ptr<SceneDetector>> make_detector(const DetectorOptions& options, const VideoFacts& facts);

/// Whether planar frames of this size may be pushed as they are (`PixelFormat::kYuv420p`). Where not, have them
/// converted to BGR first: the reference's conversion of odd heights mixes chroma lines, which only swscale does.
bool takes_yuv420p(int width, int height);

}  // namespace cinescribe::scenes
