#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cinescribe/objects/object_detector.h"
#include "cinescribe/objects/tracker.h"
#include "cinescribe/pipeline/stage.h"

namespace cinescribe::pipeline {

struct ObjectStageOptions {
  std::string model = "auto";         ///< As `choose_detector`.
  double frames_per_second = 4.0;     ///< Pictures to look at; 0 = every one.
  objects::DetectorOptions detector;  ///< `threads` is set by the analysis.
  /// Thresholds for high boxes and new tracks are what the detector suggests, unless given here.
  objects::ByteTrackOptions tracking;
  std::optional<double> track_high;
  std::optional<double> new_track;
};

/// The stage "objects": units are the tracked boxes of about a second (`results::object_unit_json`), so nothing of a
/// track is kept here but what the tracker needs. A note "detector" names the classes. Scenes play no part: boxes are
/// given to them when the files are written.
std::unique_ptr<Stage> make_object_stage(const ObjectStageOptions& options);

}  // namespace cinescribe::pipeline
