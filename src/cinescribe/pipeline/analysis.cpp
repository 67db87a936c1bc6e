#include "cinescribe/pipeline/analysis.h"

#include <algorithm>
#include <utility>

#include "cinescribe/pipeline/thread_plan.h"

namespace cinescribe::pipeline {

namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Result<std::unique_ptr<Analysis>> Analysis::open(const AnalysisOptions& options) {
  for (const std::string& name : options.stages) {
    if (name != "scenes" && name != "speech") {
      return Error{ErrorCode::kUsage, "there is no stage '" + name + "'; the stages are scenes and speech"};
    }
  }
  if (options.stages.empty()) return Error{ErrorCode::kUsage, "no stage was chosen; the stages are scenes and speech"};
  const bool has_scenes = contains(options.stages, "scenes");
  const bool has_speech = contains(options.stages, "speech");
  const ThreadPlan threads = plan_threads(options.threads, has_scenes, has_speech);
  std::vector<std::unique_ptr<Stage>> stages;
  if (has_scenes) stages.push_back(make_scene_stage(options.scenes));
  if (has_scenes && options.has_frames) {
    FrameStageOptions frames = options.frames;
    frames.decode = options.run.decode;
    frames.decode.threads = threads.decoder;
    stages.push_back(make_frame_stage(frames));
  }

  if (has_speech) {
    SpeechStageOptions speech = options.speech;
    speech.threads = threads.speech;
    stages.push_back(make_speech_stage(speech));
  }
  for (const auto& stage : stages) CINESCRIBE_TRY(stage->models());
  CINESCRIBE_ASSIGN(OutputFolder output, OutputFolder::open(options.output));
  VideoRunOptions run = options.run;
  run.decode.threads = threads.decoder;
  std::unique_ptr<Analysis> analysis(new Analysis(std::move(output), std::move(run)));
  analysis->stages_ = std::move(stages);
  return analysis;
}

Result<VideoReport> Analysis::run(const std::filesystem::path& file, ProgressListener& listener,
                                  const std::stop_token& stop) {
  return run_video(file, output_, stages_, options_, listener, stop);
}

}  // namespace cinescribe::pipeline
