#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
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
};

/// Stage 1 over many videos: `results/base/<video>/…`, one video after the other, models loaded once.
class Analysis {
 public:
  /// Locks the output folder and looks for the models; loads nothing yet.
  /// Errors: kUsage (unknown stage), kModel (a model is missing; the message has the command that mends it), kResource.
  static Result<std::unique_ptr<Analysis>> open(const AnalysisOptions& options);

  /// Brings the results of one video up to date. Errors as `run_video`. Not thread-safe.
  Result<VideoReport> run(const std::filesystem::path& file, ProgressListener& listener, const std::stop_token& stop);

 private:
  Analysis(OutputFolder output, VideoRunOptions options) : output_(std::move(output)), options_(std::move(options)) {}

  OutputFolder output_;
  VideoRunOptions options_;
  std::vector<std::unique_ptr<Stage>> stages_;
};

}  // namespace cinescribe::pipeline
