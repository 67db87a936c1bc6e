#include "cinescribe/pipeline/analysis.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "cinescribe/pipeline/thread_plan.h"

namespace cinescribe::pipeline {

namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Errors: kUsage.
Status check_names(const std::vector<std::string>& wanted) {
  const std::vector<std::string> known = stage_names();
  std::string list;
  for (const std::string& name : known) list += (list.empty() ? "" : name == known.back() ? " and " : ", ") + name;
  if (wanted.empty()) return Error{ErrorCode::kUsage, "no stage was chosen; the stages are " + list};
  for (const std::string& name : wanted) {
    if (!contains(known, name)) {
      return Error{ErrorCode::kUsage, "there is no stage '" + name + "'; the stages are " + list};
    }
  }
  return {};
}

/// In an order in which each comes after what it uses.
std::vector<std::unique_ptr<Stage>> chosen_stages(const AnalysisOptions& options, const ThreadPlan& threads) {
  std::vector<std::unique_ptr<Stage>> stages;
  if (contains(options.stages, "scenes")) {
    stages.push_back(make_scene_stage(options.scenes));
    if (options.has_frames) {
      FrameStageOptions frames = options.frames;
      frames.decode = options.run.decode;
      frames.decode.threads = threads.pictures;
      stages.push_back(make_frame_stage(frames));
    }
  }
  if (contains(options.stages, "speech")) {
    SpeechStageOptions speech = options.speech;
    speech.threads = threads.speech;
    stages.push_back(make_speech_stage(speech));
  }
  if (contains(options.stages, "sounds")) {
    SoundStageOptions sounds = options.sounds;
    sounds.loading.threads = threads.sounds;
    stages.push_back(make_sound_stage(sounds));
  }
  if (contains(options.stages, "objects")) {
    ObjectStageOptions objects = options.objects;
    objects.detector.threads = threads.objects;
    stages.push_back(make_object_stage(objects));
  }
  return stages;
}

}  // namespace

Result<std::unique_ptr<Analysis>> Analysis::open(const AnalysisOptions& options) {
  CINESCRIBE_TRY(check_names(options.stages));
  PlannedWork work;
  work.has_speech = contains(options.stages, "speech");
  work.has_sounds = contains(options.stages, "sounds");
  work.has_objects = contains(options.stages, "objects");
  work.has_frames = work.has_objects || contains(options.stages, "scenes");
  work.has_pictures = options.has_frames && contains(options.stages, "scenes");
  const ThreadPlan threads = plan_threads(options.threads, work, options.jobs);
  std::vector<std::unique_ptr<Stage>> stages = chosen_stages(options, threads);
  for (const auto& stage : stages) CINESCRIBE_TRY(stage->models());
  CINESCRIBE_ASSIGN(OutputFolder output, OutputFolder::open(options.output));
  CINESCRIBE_ASSIGN(auto quota, DiskQuota::open(options.output, options.limits));
  VideoRunOptions run = options.run;
  run.decode.threads = threads.decoder;
  std::unique_ptr<Analysis> analysis(new Analysis(std::move(output), std::move(quota), std::move(run)));
  analysis->stages_ = std::move(stages);
  return analysis;
}

void Analysis::claim(const std::filesystem::path& file) const {
  const auto media = identify(file);
  if (media.ok()) static_cast<void>(output_.video_folder(*media));
}

std::string Analysis::settings_json() const {
  nlohmann::ordered_json settings = nlohmann::ordered_json::object();
  for (const auto& stage : stages_) {
    settings[stage->name()] = nlohmann::ordered_json::parse(stage->settings_json(), nullptr, false);
  }
  return settings.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Result<std::vector<results::ModelRecord>> Analysis::models() const {
  std::vector<results::ModelRecord> all;
  for (const auto& stage : stages_) {
    CINESCRIBE_ASSIGN(const std::vector<results::ModelRecord> models, stage->models());
    for (results::ModelRecord model : models) {
      model.stage = stage->name();
      all.push_back(std::move(model));
    }
  }
  return all;
}

Result<std::filesystem::path> Analysis::video_folder(const std::filesystem::path& file) const {
  CINESCRIBE_ASSIGN(const MediaIdentity media, identify(file));
  return output_.video_folder(media);
}

Result<VideoReport> Analysis::run(const std::filesystem::path& file, ProgressListener& listener,
                                  const std::stop_token& stop) {
  return run_video(file, output_, stages_, options_, listener, stop);
}

}  // namespace cinescribe::pipeline
