#pragma once

#include <cstdint>
#include <vector>

#include "cinescribe/core/rational.h"
#include "cinescribe/core/time.h"
#include "cinescribe/scenes/scene_detector.h"

namespace cinescribe::scenes {

/// A stretch between two cuts: [start_frame, end_frame) and [start, end).
struct Scene {
  std::int64_t index = 0;
  std::int64_t start_frame = 0;
  std::int64_t end_frame = 0;
  TimeRange range;
  friend bool operator==(const Scene&, const Scene&) = default;
};

/// Where the last scene ends.
struct VideoEnd {
  std::int64_t frame = 0;  ///< One past the last frame number.
  Timestamp time;
};

/// The end as the reference reports it: number of decoded frames, and that number over the average rate. On
/// variable-rate video this may lie before the true end.
VideoEnd nominal_end(Rational average_rate, std::int64_t frames_decoded);
/// The true end: the time at which the last frame leaves the screen, and its frame number at the average rate.
VideoEnd true_end(Rational average_rate, std::int64_t frames_decoded, Timestamp end_time);

/// Scenes from cuts in any order; duplicates count once. Without cuts the whole video is one scene; a video without
/// frames has none.
std::vector<Scene> scenes_from_cuts(std::vector<Cut> cuts, const VideoEnd& end);

/// The cuts sorted, each once.
std::vector<Cut> sorted_cuts(std::vector<Cut> cuts);

}  // namespace cinescribe::scenes
