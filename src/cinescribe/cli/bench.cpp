#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cinescribe/bench/bench_run.h"
#include "cinescribe/bench/record_file.h"
#include "cinescribe/cli/bench_session.h"
#include "cinescribe/cli/caption_flags.h"
#include "cinescribe/cli/commands.h"
#include "cinescribe/cli/progress.h"
#include "cinescribe/cli/references.h"
#include "cinescribe/cli/shown_progress.h"
#include "cinescribe/cli/stage_flags.h"
#include "cinescribe/cli/vlm_flags.h"
#include "cinescribe/pipeline/chosen_captioner.h"
#include "cinescribe/pipeline/media_files.h"
#include "cinescribe/pipeline/own_process.h"

namespace cinescribe::cli {

namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::vector<std::string> inputs;
  std::string output = "bench";
  std::string references;
  int repeats = 3;
  int warm_ups = 1;
  std::int64_t most_scenes = 0;
  bool is_forced = false;
  bool is_in_process = false;
  std::vector<std::string> captioners = {"narrator"};
  StageFlags stages;
  SceneCaptionFlags scenes;
  GenerationFlags generation;
  VlmFlags model;
};

/// "clip.mp4, stage 1, repeat 2".
std::string words_of(const bench::PassRecord& pass) {
  return pass.video + ", " + (pass.part == bench::kStage1 ? "stage 1" : pass.captioner) + ", " +
         (pass.is_warm_up ? "warm-up" : "repeat " + std::to_string(pass.repeat));
}

class ShownBench final : public bench::BenchListener {
 public:
  explicit ShownBench(Progress& progress) : progress_(progress) {}

  std::unique_ptr<pipeline::ProgressListener> begin_pass(const bench::PassRecord& pass) override {
    return std::make_unique<ShownProgress>(progress_, words_of(pass));
  }
  void end_pass(const bench::PassRecord& pass) override {
    if (!pass.error.empty()) return progress_.message("error: " + words_of(pass) + ": " + pass.error, true);
    char text[96];
    std::snprintf(text, sizeof text, ": %.2f s (%.2f s of processor time), %lld scenes", pass.wall_seconds,
                  pass.cpu_seconds, static_cast<long long>(pass.scenes));
    std::string words = words_of(pass) + text;
    if (pass.failed_scenes > 0) words += ", " + std::to_string(pass.failed_scenes) + " failed";
    progress_.message(words);
  }
  void cannot_begin(const fs::path& video, const Error& error) override {
    progress_.message("error: " + video.filename().string() + ": " + error.message, true);
  }
  void cannot_judge(const fs::path& video, const Error& error) override { cannot_begin(video, error); }
  void skip(const bench::PassRecord& pass, int passes) override {
    progress_.message(words_of(pass) + ": measured before (" + std::to_string(passes) +
                      " times, same settings, machine and build); --force measures again");
  }

 private:
  Progress& progress_;
};

/// No more scenes at once than there are: a captioner makes room for as many, and zeroes gigabytes to begin with.
Result<captions::VlmOptions> model_options(const Arguments& arguments, const CommonOptions& common) {
  CINESCRIBE_ASSIGN(captions::VlmOptions options, arguments.model.options(common));
  if (arguments.most_scenes > 0) {
    options.batch = static_cast<int>(std::min<std::int64_t>(options.batch, arguments.most_scenes));
  }
  return options;
}

/// Finds a captioner again for every pass: what an earlier pass has loaded must not be used by a later one.
Result<bench::CaptionerPlan> plan_captioner(const std::string& name, const Arguments& arguments,
                                            const CommonOptions& common) {
  CINESCRIBE_ASSIGN(pipeline::CaptionRunOptions scenes, arguments.scenes.options());
  scenes.most_scenes = arguments.most_scenes;
  CINESCRIBE_ASSIGN(const captions::VlmOptions options, model_options(arguments, common));
  const bool may_be_synthetic = arguments.model.may_be_synthetic();
  bench::CaptionerPlan plan;
  plan.find = [name, scenes, options, may_be_synthetic, is_in_process = arguments.is_in_process,
               generation = arguments.generation]() -> Result<bench::FreshCaptioner> {
    CINESCRIBE_ASSIGN(const auto chosen, pipeline::choose_captioner(name, options, may_be_synthetic));
    bench::FreshCaptioner fresh{chosen.source, scenes};
    if (!is_in_process && pipeline::suits_own_process(name)) {
      fresh.source = pipeline::in_own_process(chosen.source, {name, options, may_be_synthetic, {}}, {});
    }
    CINESCRIBE_ASSIGN(fresh.options.generation, generation.over(chosen.scenes));
    if (fresh.options.generation.num_return_sequences > 1) {
      return Error{ErrorCode::kUsage, "a scene has one caption; --num-return-sequences is for cinescribe caption"};
    }
    return fresh;
  };
  CINESCRIBE_ASSIGN(const bench::FreshCaptioner fresh, plan.find());
  CINESCRIBE_ASSIGN(plan.model, captioner_record(name, fresh.source.facts));
  return plan;
}

nlohmann::ordered_json stage1_execution(const CommonOptions& common) {
  return {{"device", common.device}, {"threads", common.threads}};
}

nlohmann::ordered_json caption_execution(const captions::VlmOptions& options, bool is_in_process,
                                         const CommonOptions& common) {
  nlohmann::ordered_json json = stage1_execution(common);
  json["batch"] = options.batch;
  json["gpu_layers"] = options.gpu_layers;
  json["kv_cache"] = options.has_kv_cache;
  json["in_process"] = is_in_process;
  return json;
}

Result<bench::BenchOptions> bench_options(const Arguments& arguments, const CommonOptions& common) {
  bench::BenchOptions options;
  options.folder = arguments.output;
  options.repeats = arguments.repeats;
  options.warm_ups = arguments.warm_ups;
  options.is_forced = arguments.is_forced;
  CINESCRIBE_ASSIGN(options.stage1, arguments.stages.options(common));
  for (const std::string& name : arguments.captioners) {
    if (name == "none") continue;
    CINESCRIBE_ASSIGN(bench::CaptionerPlan plan, plan_captioner(name, arguments, common));
    for (const bench::CaptionerPlan& other : options.captioners) {
      if (other.model.name != plan.model.name) continue;
      return Error{ErrorCode::kUsage, "two captioners are named '" + plan.model.name +
                                          "'; rename the folder of one of them, or measure them into folders of "
                                          "their own"};
    }
    options.captioners.push_back(std::move(plan));
  }
  if (!arguments.references.empty()) {
    CINESCRIBE_ASSIGN(const References references, References::open(arguments.references));
    options.judge = [references](const std::string& video, const fs::path& base) {
      return references.judge(video, base);
    };
  }
  options.device = common.device;
  options.threads = common.threads;
  CINESCRIBE_ASSIGN(const captions::VlmOptions model, model_options(arguments, common));
  options.stage1_execution_json = stage1_execution(common).dump();
  options.caption_execution_json = caption_execution(model, arguments.is_in_process, common).dump();
  options.session = bench_session();
  return options;
}

Outcome run(const Arguments& arguments, const CommonOptions& common) {
  const pipeline::MediaFiles found = pipeline::find_media_files({arguments.inputs.begin(), arguments.inputs.end()});
  if (found.files.empty()) {
    return found.problems.empty() ? Error{ErrorCode::kUsage, "name the videos to measure with"}
                                  : found.problems.front();
  }
  CINESCRIBE_ASSIGN(bench::BenchOptions options, bench_options(arguments, common));
  options.videos = found.files;
  Progress progress(progress_style(common));
  for (const Error& problem : found.problems) progress.message("error: " + problem.message, true);
  ShownBench listener(progress);
  CINESCRIBE_ASSIGN(const bench::BenchReport report, bench::run_bench(options, listener, common.stop));
  progress.message(std::to_string(report.measured) + " passes measured, " + std::to_string(report.skipped) +
                   " measured before, " + std::to_string(report.failed) +
                   " failed: " + (options.folder / bench::kRecordFileName).string() + "; cinescribe report " +
                   arguments.output + " makes tables and plots of it");
  return report.failed == 0 && found.problems.empty() ? 0 : 1;
}

}  // namespace

Command add_bench(CLI::App& root, const CommonOptions& common) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* app = root.add_subcommand("bench", "Measure how fast this machine analyses and describes videos");
  app->add_option("VIDEO", arguments->inputs, "Files and folders (searched to any depth)")->required();
  app->add_option("-o,--output", arguments->output, "Folder for the measurements, and for what each pass found")
      ->capture_default_str();
  app->add_option("--repeat", arguments->repeats, "Measure everything so many times")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app->add_option("--warm-up", arguments->warm_ups, "Passes before, which are recorded apart and count for no table")
      ->check(CLI::Range(0, 100))
      ->capture_default_str();
  app->add_flag("--force", arguments->is_forced, "Measure again what was measured here before");
  app->add_option("--captioner", arguments->captioners,
                  "Who describes the scenes, as in analyze; may be given several times; none = stage 1 alone")
      ->capture_default_str();
  app->add_option(
         "--first-scenes", arguments->most_scenes,
         "Captioners describe the first N scenes of each video only, for models too slow for whole videos; the "
         "report marks such rows; 0 = all")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  app->add_option("--references", arguments->references,
                  "Folder with what is true of the videos, for the report: VIDEO.speech.txt (said), VIDEO.scenes.txt "
                  "(cuts), VIDEO.sounds.csv, VIDEO.tracks.txt (MOT), as `evaluate` takes them")
      ->check(CLI::ExistingDirectory);
  arguments->stages.add_to(*app);
  arguments->scenes.add_to(*app);
  arguments->generation.add_to(*app);
  arguments->model.add_to(*app, true);
  app->add_flag("--in-process", arguments->is_in_process,
                "Run models within this process instead of one of their own, as in analyze")
      ->group("Model");
  arguments->stages.add_findings_to(*app);
  return {app, [arguments, &common] { return run(*arguments, common); }};
}

}  // namespace cinescribe::cli
