#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/audio.h"
#include "cinescribe/core/status.h"
#include "cinescribe/core/video_frame.h"
#include "cinescribe/media/decode_pass.h"
#include "cinescribe/media/media_info.h"
#include "cinescribe/pipeline/disk_quota.h"
#include "cinescribe/pipeline/scene_boundaries.h"
#include "cinescribe/results/base_data.h"

namespace cinescribe::pipeline {

/// Where a stage at work hands its results; what is handed over is in the journal, on the disk. Thread-safe.
class StageOutput {
 public:
  virtual ~StageOutput() = default;
  /// The next piece of the stage's results, one JSON object. A stage that can resume gives it the key "resume" (see
  /// unit_resume.h): what is dear must not be done again once this returns. Errors: kResource.
  virtual Status unit(std::string_view json) = 0;
  /// A fact of another kind about the stage (see journal_state.h). Errors: kResource.
  virtual Status note(std::string_view type, std::string_view json) = 0;
  /// Everything before `media_time` is done; for the display of progress.
  virtual void moved(Timestamp media_time) = 0;
};

/// Where the streams that a stage saw ended.
struct StreamEnd {
  std::int64_t frames = 0;  ///< Pictures seen.
  Timestamp time;           ///< End of the last picture or scene, or of the sound.
};

/// What an earlier run with the same settings, models and basis has filed of a stage before it was stopped or killed.
struct StageResume {
  std::uint64_t begin_offset = 0;  ///< Where its units begin in the journal, see UnitCursor.
  std::int64_t units = 0;          ///< At least 1.
  std::string last_unit;           ///< JSON.
};

/// What a stage may know about the video that it works on.
struct StageContext {
  std::filesystem::path file;
  std::filesystem::path folder;            ///< The video's results; the journal lies in it as journal.jsonl.
  const media::MediaInfo* info = nullptr;  ///< Never null.
  StageOutput* output = nullptr;           ///< Never null; outlives the run.
  /// Never null; outlives the run. The stage "scenes" tells cuts here and completes it, whatever the video holds; where
  /// it does not run, it is complete from the start. Others read it.
  SceneBoundaries* boundaries = nullptr;
  /// With `Stage::can_resume`: these units are filed already and hold; the run goes on after them.
  std::optional<StageResume> resume;
  DiskQuota* quota = nullptr;  ///< Asked before files other than the journal are written. Null: no limit.
  std::stop_token stop;
};

/// A stage at work on one video: fed in time order by one thread, then finished once.
class StageRun {
 public:
  virtual ~StageRun() = default;
  virtual Status push_frame(const VideoFrame&) { return {}; }
  virtual Status push_sound(const AudioBlock&) { return {}; }
  virtual Status push_scene(const SettledScene&) { return {}; }
  /// All was pushed. Returns when the last result is in the output.
  virtual Status finish(const StreamEnd& end) = 0;
};

/// What a stage feeds on.
enum class Feed {
  kFrames,
  kSound,
  kScenes,  ///< The scenes, in order, each as soon as both its ends are certain.
};

/// One analysis, with its settings; it makes a run per video. Stages do not know each other.
class Stage {
 public:
  virtual ~Stage() = default;
  /// Letters and '_', unique, e.g. "scenes".
  [[nodiscard]] virtual std::string name() const = 0;
  [[nodiscard]] virtual Feed feed() const = 0;
  /// The stage whose results it uses while both run (StageContext::boundaries). Where that one neither runs nor has
  /// finished before, it goes without.
  [[nodiscard]] virtual std::string after() const { return {}; }
  /// All settings that decide the results, one JSON object without line breaks, always written the same way.
  [[nodiscard]] virtual std::string settings_json() const = 0;
  /// The models that decide the results. May not load them. Errors: kModel.
  virtual Result<std::vector<results::ModelRecord>> models() { return std::vector<results::ModelRecord>(); }
  /// Whether a run can go on after the units of an unfinished one, so that together they are what one run would have
  /// filed, byte for byte. Its streams still come from the start: what is cheap is done again, what is dear is not.
  [[nodiscard]] virtual bool can_resume() const { return false; }
  /// With Feed::kFrames.
  [[nodiscard]] virtual media::FrameRequest frame_request(const media::MediaInfo&) const { return {}; }
  /// Begins the work on one video; loads models where needed.
  virtual Result<std::unique_ptr<StageRun>> start(const StageContext& context) = 0;
};

}  // namespace cinescribe::pipeline
