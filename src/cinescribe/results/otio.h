#pragma once

#include <string>
#include <vector>

#include "cinescribe/core/rational.h"
#include "cinescribe/core/status.h"
#include "cinescribe/results/records.h"
#include "cinescribe/results/text_sink.h"

namespace cinescribe::results {

/// What a timeline says about its source.
struct OtioSource {
  std::string name;        ///< Name of the timeline.
  std::string target_url;  ///< Path or address of the source file.
  Rational frame_rate;
};

/// The scenes as an OpenTimelineIO timeline (JSON): one video track, one clip per scene, times in frames of the source.
/// Clips are handed to `out` a few at a time. Errors: kInput for an unknown frame rate, or the sink's.
Status write_otio(const std::vector<SceneRecord>& scenes, const OtioSource& source, const TextSink& out);

}  // namespace cinescribe::results
