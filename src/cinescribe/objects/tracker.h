#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "cinescribe/core/time.h"
#include "cinescribe/objects/detection.h"

namespace cinescribe::objects {

/// Joins the detections of consecutive frames to tracks. Not thread-safe; one instance per video.
class Tracker {
 public:
  virtual ~Tracker() = default;

  /// Takes the detections of the next frame, which may be none, in time order, and returns the tracks that were seen
  /// in it. Detections with an empty box or a number that is not finite are ignored.
  virtual std::vector<TrackedBox> update(Timestamp time, std::span<const Detection> detections) = 0;
};

/// Options of ByteTrack, named as in the reference's configuration file; the values are its defaults.
/// @source Ultralytics 8.4 bytetrack.yaml
struct ByteTrackOptions {
  double track_high_thresh = 0.25;  ///< Boxes from this score on take part in the first association.
  double track_low_thresh = 0.1;    ///< Boxes above this score take part in the second one.
  double new_track_thresh = 0.25;   ///< Boxes from this score on may start a track.
  int track_buffer = 30;            ///< Frames that a lost track is remembered.
  double match_thresh = 0.8;        ///< Largest cost of a match in the first association.
  bool fuse_score = true;           ///< Multiply the overlap by the detection's score there.
  /// Remember lost tracks for this long instead of `track_buffer` frames, whatever the sampling rate.
  std::optional<Duration> buffer_time;
  bool per_class = false;  ///< Track every class on its own (association otherwise ignores the class).
};

/// ByteTrack. Two-stage association over a constant-velocity Kalman filter.
/// @source Zhang et al., "ByteTrack" (ECCV 2022), as configured by Ultralytics 8.4.
std::unique_ptr<Tracker> make_byte_tracker(const ByteTrackOptions& options = {});

}  // namespace cinescribe::objects
