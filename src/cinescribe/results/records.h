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

/// A stretch of time over which a sound goes on, cuts notwithstanding.
struct SoundSpan {
  TimeRange range;
  std::string label;
  double max_score = 0.0;
};

/// What the stage "sounds" files for one scene.
struct SoundUnit {
  std::int64_t scene_index = 0;
  std::int64_t windows = 0;  ///< Stretches of sound that were looked at; 0 = the scene has no sound.
  std::vector<SoundRecord> tags;
  std::vector<SoundSpan> time_line;  ///< Spans that ended since the scene before.
};

/// One tracked box in one picture.
struct BoxRecord {
  std::int64_t track_id = 0;
  std::int32_t class_id = 0;
  double score = 0.0;
  std::array<double, 4> box{};  ///< x1, y1, x2, y2 in pixels of the displayed picture.
};

/// All boxes of one picture.
struct FrameBoxes {
  std::int64_t frame = 0;  ///< From 0.
  Timestamp time;
  std::vector<BoxRecord> boxes;
};

/// What the stage "objects" files for about a second: the pictures in which it saw something.
struct ObjectUnit {
  std::vector<FrameBoxes> frames;
};

/// One tracked thing within a scene.
struct TrackRecord {
  std::int64_t track_id = 0;
  std::string label;
  TimeRange range;             ///< From the first to the last time it was seen.
  std::int64_t sightings = 0;  ///< Pictures in which it was seen.
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
