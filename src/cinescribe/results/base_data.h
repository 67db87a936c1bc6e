#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cinescribe/core/rational.h"
#include "cinescribe/core/time.h"

/// What `base_data.json` says about a video besides its scenes.
namespace cinescribe::results {

/// Version of the layout of every JSON file that cinescribe writes; it grows when a key changes its meaning or goes.
inline constexpr int kSchemaVersion = 1;

/// The picture track that was analysed.
struct PictureFacts {
  std::string codec;
  int width = 0;  ///< As shown: turned, square pixels.
  int height = 0;
  int coded_width = 0;
  int coded_height = 0;
  int rotation_degrees = 0;
  Rational sample_aspect{1, 1};
  Rational frame_rate;
  bool is_variable_rate = false;
  std::int64_t frame_count = 0;  ///< Frames really decoded; 0 when no stage looked at pictures.
};

/// The sound track that was analysed.
struct SoundFacts {
  std::string codec;
  int rate_hz = 0;
  int channels = 0;
  int track = 0;  ///< Counted from 0 among the audio tracks.
  std::string language;
};

struct VideoFacts {
  std::string file_name;
  std::uint64_t size_bytes = 0;
  std::string fingerprint;  ///< A hash by which the content is known again.
  std::string container;
  Duration duration;
  std::int64_t damaged_packets = 0;
  std::optional<PictureFacts> picture;
  std::optional<SoundFacts> sound;
};

/// A model that a stage used.
struct ModelRecord {
  std::string stage;
  std::string name;
  std::string sha256;
};

/// One stage that ran to its end.
struct StageRecord {
  std::string name;
  std::string settings_json = "{}";  ///< The settings that decide its results, one JSON object.
};

/// What one stage cost. Kept apart from the facts: two runs differ in nothing else.
struct StageTiming {
  std::string stage;
  double wall_seconds = 0.0;  ///< From the first to the last moment at which the stage was at work.
  double busy_seconds = 0.0;  ///< Of these: not waiting for the decoder.
  double media_seconds = 0.0;
};

struct SpokenLanguage {
  std::string code;
  double probability = 0.0;
};

/// All of `base_data.json` but its scenes.
struct BaseData {
  VideoFacts video;
  std::vector<StageRecord> stages;
  std::vector<ModelRecord> models;
  std::optional<SpokenLanguage> language;
  std::vector<StageTiming> timings;
};

}  // namespace cinescribe::results
