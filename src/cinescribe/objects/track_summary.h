#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "cinescribe/core/time.h"
#include "cinescribe/objects/detection.h"

namespace cinescribe::objects {

/// Where a track was at one time.
struct TrackPoint {
  Timestamp time;
  Box box;
};

/// What one track did within a scene (or a whole video).
struct TrackSummary {
  std::int64_t track_id = 0;
  std::int32_t class_id = 0;  ///< The class that its detections named with the most weight.
  TimeRange range;            ///< From its first to its last sighting; the end is that sighting's time.
  std::int64_t sightings = 0;
  double mean_score = 0.0;
  double screen_share = 0.0;     ///< Mean share of the picture that its box covers, 0..1.
  std::vector<TrackPoint> path;  ///< Evenly thinned: its first and last place are always there.
};

struct TrackSummaryOptions {
  int picture_width = 0;
  int picture_height = 0;
  std::size_t max_path_points = 64;  ///< Per track in a summary; at least 2.
};

/// Gathers tracks to summaries per scene while a video is running, in bounded memory: each track holds at most twice
/// `max_path_points` places, however long it lasts, and leaves when its scene is finished. Not thread-safe.
class TrackSummariser {
 public:
  explicit TrackSummariser(const TrackSummaryOptions& options) : options_(options) {}

  /// Takes the tracks of the next frame, in time order.
  void push(Timestamp time, std::span<const TrackedBox> boxes);

  /// Everything seen before `end`, by track id; sightings from `end` on stay for the next scene. Call it once per
  /// scene in order, with the scene's end, when no earlier cut can follow. A track that goes on appears in the next
  /// scene with the same id and class.
  std::vector<TrackSummary> finish_scene(Timestamp end);
  /// All that is left.
  std::vector<TrackSummary> finish();

  /// Tracks that were last seen before `time`: what can be written and forgotten in a video without scenes.
  std::vector<TrackSummary> take_ended(Timestamp time);

  /// Places kept now, over all tracks.
  [[nodiscard]] std::size_t stored_points() const;

 private:
  /// One or more sightings in a row; merged ones keep the place of the first.
  struct Stretch {
    TrackPoint first;
    TrackPoint last;
    std::int64_t sightings = 0;
    double score_sum = 0.0;
    double share_sum = 0.0;
  };
  struct Track {
    std::vector<Stretch> stretches;
    std::map<std::int32_t, double> class_weights;
  };

  [[nodiscard]] double share_of(const Box& box) const;
  [[nodiscard]] TrackSummary summarise(std::int64_t id, const Track& track, std::span<const Stretch> stretches) const;

  TrackSummaryOptions options_;
  std::map<std::int64_t, Track> tracks_;
};

/// Number of tracks of each class, most frequent first, e.g. "2 person, 1 car"; for people and for prompts.
std::string count_by_label(std::span<const TrackSummary> tracks, std::span<const std::string> class_names);
/// The same from counts by class id.
std::string count_by_label(const std::map<std::int32_t, int>& counts, std::span<const std::string> class_names);

}  // namespace cinescribe::objects
