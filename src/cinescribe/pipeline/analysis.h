#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/pipeline/disk_quota.h"
#include "cinescribe/pipeline/frame_stage.h"
#include "cinescribe/pipeline/object_stage.h"
#include "cinescribe/pipeline/scene_stage.h"
#include "cinescribe/pipeline/sound_stage.h"
#include "cinescribe/pipeline/speech_stage.h"
#include "cinescribe/pipeline/video_run.h"

namespace cinescribe::pipeline {

/// The stages that can be chosen; all are run by default.
inline std::vector<std::string> stage_names() { return {"scenes", "speech", "sounds", "objects"}; }

struct AnalysisOptions {
  std::filesystem::path output = "results";
  std::vector<std::string> stages = stage_names();
  bool has_frames = true;  ///< With "scenes": pictures of the start and the middle of each scene.
  SceneStageOptions scenes;
  FrameStageOptions frames;
  SpeechStageOptions speech;   ///< `threads` is set by the analysis.
  SoundStageOptions sounds;    ///< Likewise `loading.threads`.
  ObjectStageOptions objects;  ///< Likewise `detector.threads`.
  VideoRunOptions run;         ///< Likewise `decode.threads`.
  int threads = 0;             ///< For everything together; 0 = as many as cores.
  int jobs = 1;                ///< Videos at the same time; the threads are divided among them.
  DiskLimits limits;
};

/// Stage 1 over many videos: `results/base/<video>/…`. The speech model is loaded once and shared by all; sound and
/// object models once per video at work. Thread-safe.
class Analysis {
 public:
  /// Locks the output folder and looks for the models; loads nothing yet.
  /// Errors: kUsage (unknown stage), kModel (a model is missing; the message has the command that mends it), kResource.
  static Result<std::unique_ptr<Analysis>> open(const AnalysisOptions& options);

  /// Settings of all stages that decide the results, one JSON object: stage -> settings.
  [[nodiscard]] std::string settings_json() const;
  /// The models of all stages. Errors: kModel.
  [[nodiscard]] Result<std::vector<results::ModelRecord>> models() const;
  /// Where the results of this video are or will be. Errors: kInput.
  [[nodiscard]] Result<std::filesystem::path> video_folder(const std::filesystem::path& file) const;
  /// Where a captioner's results are or will be; see `OutputFolder::caption_folder`.
  [[nodiscard]] std::filesystem::path caption_folder(const std::string& captioner,
                                                     const std::filesystem::path& base) const {
    return output_.caption_folder(captioner, base);
  }

  /// Settles which folder the video's results go to. Where several videos of one name run at the same time, the first
  /// that asks gets the plain name: ask in the order of the inputs. Errors come with `run`.
  void claim(const std::filesystem::path& file) const;
  /// Brings the results of one video up to date. Errors as `run_video`.
  Result<VideoReport> run(const std::filesystem::path& file, ProgressListener& listener, const std::stop_token& stop);

 private:
  Analysis(OutputFolder output, std::unique_ptr<DiskQuota> quota, VideoRunOptions options)
      : output_(std::move(output)), quota_(std::move(quota)), options_(std::move(options)) {
    options_.quota = quota_.get();
  }

  OutputFolder output_;
  std::unique_ptr<DiskQuota> quota_;
  VideoRunOptions options_;
  std::vector<std::unique_ptr<Stage>> stages_;
};

}  // namespace cinescribe::pipeline
