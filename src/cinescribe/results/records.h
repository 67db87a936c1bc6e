#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cinescribe/core/time.h"

/// The facts cinescribe writes down, free of any engine. Times are media time; ranges are half-open.
namespace cinescribe::results {

struct WordRecord {
  TimeRange range;
  std::string text;
  double probability = 0.0;
};

struct SegmentRecord {
  TimeRange range;
  std::string text;
  double avg_logprob = 0.0;
  double no_speech_prob = 0.0;
  double compression_ratio = 0.0;
  std::vector<WordRecord> words;
};

/// A sound tag pooled over a scene's windows.
struct SoundRecord {
  std::string label;
  double max_score = 0.0;
  double mean_score = 0.0;
};

/// One tracked thing within a scene.
struct TrackRecord {
  std::int64_t track_id = 0;
  std::string label;
  TimeRange range;
  double mean_score = 0.0;
  double screen_share = 0.0;                ///< Mean box area over picture area, 0..1.
  std::vector<std::array<double, 5>> path;  ///< time_seconds, x1, y1, x2, y2 (pixels of the displayed picture).
};

struct SceneRecord {
  std::int64_t scene_index = 0;
  std::int64_t start_frame = 0;
  std::int64_t end_frame = 0;
  TimeRange range;
  std::vector<SegmentRecord> speech;  ///< Words belong to the scene in which they start.
  std::vector<std::string> frame_files;
  std::vector<SoundRecord> sounds;
  std::vector<TrackRecord> objects;
};

}  // namespace cinescribe::results
