#pragma once

#include <string>
#include <vector>

#include "cinescribe/core/rational.h"
#include "cinescribe/core/status.h"
#include "cinescribe/results/records.h"

namespace cinescribe::results {

/// What a timeline says about its source.
struct OtioSource {
  std::string name;        ///< Name of the timeline.
  std::string target_url;  ///< Path or address of the source file.
  Rational frame_rate;
};

/// The scenes as an OpenTimelineIO timeline (JSON): one video track, one clip per scene, times in frames of the source.
/// Errors: kInput for an unknown frame rate.
Result<std::string> to_otio(const std::vector<SceneRecord>& scenes, const OtioSource& source);

}  // namespace cinescribe::results
