#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cinescribe/bench/raw_record.h"
#include "cinescribe/bench/record_file.h"
#include "cinescribe/core/status.h"

/// What a file of raw measurements says, put in order for a report.
namespace cinescribe::bench {

/// One described scene of one pass.
struct ScenePoint {
  std::int64_t scene = 0;
  double start_seconds = 0.0;
  double wall_seconds = 0.0;
  double media_seconds = 0.0;
  CaptionPhases phases;
  std::int64_t tokens_in = 0;
  std::int64_t image_tokens = 0;
  std::int64_t tokens_out = 0;
  std::int64_t frames = 0;
  std::int64_t words = 0;
  bool is_failed = false;
  bool is_empty = false;
  bool is_suspect = false;
  bool is_capped = false;  ///< It ended because it had as many tokens as it may have.

  [[nodiscard]] double work_seconds() const {
    return phases.preprocess_seconds + phases.encode_seconds + phases.prefill_seconds + phases.decode_seconds;
  }
};

struct PassData {
  PassRecord pass;
  std::vector<UnitRecord> stages;     ///< Stage 1.
  std::vector<ScenePoint> scenes;     ///< Captions.
  std::vector<SampleRecord> samples;  ///< At most 1000, evenly thinned.
  int sample_stride = 1;

  /// Everything was computed in this pass and ended well: its times mean something.
  [[nodiscard]] bool is_fresh() const {
    return pass.error.empty() && pass.resumed_scenes == 0 && pass.resumed_stages == 0;
  }
};

/// Passes that are repeats of each other: one machine and build, part, captioner, video and settings.
struct Row {
  int machine = 0;  ///< Index into `Measurements::machines`.
  std::string part;
  std::string captioner;
  std::string video;
  std::string fingerprint;
  std::string settings_hash;
  std::vector<PassData> repeats;   ///< Fresh ones.
  std::vector<PassData> warm_ups;  ///< Fresh ones.
  std::vector<PassData> left_out;  ///< Failed, or with something taken over from an earlier run.

  [[nodiscard]] bool is_stage1() const { return part == kStage1; }
  /// Scenes of the video behind those that were described; 0 = the whole video was.
  [[nodiscard]] std::int64_t skipped_scenes() const;
  /// "stage 1", or the captioner.
  [[nodiscard]] std::string subject() const { return is_stage1() ? "stage 1" : captioner; }
};

struct Measurements {
  std::vector<SessionRecord> sessions;
  std::vector<SessionRecord> machines;          ///< The first session of each machine and build.
  std::map<std::string, VideoRecord> videos;    ///< By name and fingerprint; see `video_key`.
  std::vector<ModelRecord> models;              ///< Each once.
  std::map<std::string, std::string> settings;  ///< Hash -> JSON.
  std::vector<Row> rows;                        ///< In the order of their first pass.
  std::vector<QualityRecord> quality;
  ReadingReport reading;
  std::int64_t cut_short = 0;  ///< Passes that never ended.

  [[nodiscard]] const VideoRecord* video(const Row& row) const;
  /// Seconds of the row's video; 0 = not told.
  [[nodiscard]] double duration(const Row& row) const;
  [[nodiscard]] const ModelRecord* captioner(const std::string& name) const;
};

std::string video_key(const std::string& name, const std::string& fingerprint);

/// Reads measurements.jsonl of any length that may come from anywhere; what is kept is bounded. Errors: kInput
/// (missing, no measurements, more than a report can hold).
Result<Measurements> read_measurements(const std::filesystem::path& path);

}  // namespace cinescribe::bench
