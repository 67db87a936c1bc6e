#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cinescribe/cli/caption_job.h"
#include "cinescribe/cli/commands.h"
#include "cinescribe/cli/progress.h"
#include "cinescribe/cli/scene_flags.h"
#include "cinescribe/cli/shown_progress.h"
#include "cinescribe/cli/tracker_flags.h"
#include "cinescribe/pipeline/analysis.h"
#include "cinescribe/pipeline/media_files.h"

namespace cinescribe::cli {

namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::vector<std::string> inputs;
  std::string output = "results";
  std::vector<std::string> stages = pipeline::stage_names();
  bool is_forced = false;
  bool has_frames = true;
  SceneFlags scenes;
  int audio_track = -1;
  std::string model = "whisper-base";
  std::string language;
  std::string word_times = "exact";
  std::vector<std::string> captioners = {"narrator"};
  CaptionJob captions;
  pipeline::SoundStageOptions sounds;
  pipeline::ObjectStageOptions objects;
  std::string object_layout = "auto";
  std::optional<float> object_conf;
  std::optional<float> object_iou;
  TrackerFlags tracker;
};

/// The benchmark's minimum, in the flags and as the detectors know it: as many whole frames as fit into two seconds.
constexpr const char* kDefaultMinLength = "2s";

Result<scenes::DetectorOptions> scene_options(const SceneFlags& flags) {
  CINESCRIBE_ASSIGN(scenes::DetectorOptions options, detector_options(flags));
  if (flags.min_scene_length == kDefaultMinLength) {
    options.min_scene_length = scenes::DetectorOptions::pipeline_defaults().min_scene_length;
  }
  return options;
}

Result<pipeline::ObjectStageOptions> object_options(const Arguments& arguments, const CommonOptions& common) {
  pipeline::ObjectStageOptions options = arguments.objects;
  CINESCRIBE_ASSIGN(options.detector.layout, objects::parse_layout(arguments.object_layout));
  options.detector.conf = arguments.object_conf;
  options.detector.iou = arguments.object_iou;
  options.detector.device = common.device;
  CINESCRIBE_ASSIGN(options.tracking, arguments.tracker.options());
  options.track_high = arguments.tracker.track_high();
  options.new_track = arguments.tracker.new_track();
  return options;
}

Result<pipeline::AnalysisOptions> analysis_options(const Arguments& arguments, const CommonOptions& common) {
  pipeline::AnalysisOptions options;
  options.output = arguments.output;
  options.stages = arguments.stages;
  options.has_frames = arguments.has_frames;
  CINESCRIBE_ASSIGN(options.scenes.detector, scene_options(arguments.scenes));
  options.scenes.min_scene_length_text = arguments.scenes.min_scene_length;
  options.speech.model = arguments.model;
  options.speech.transcription.language = arguments.language;
  options.speech.word_times = arguments.word_times == "off"    ? speech::WordTimes::kOff
                              : arguments.word_times == "fast" ? speech::WordTimes::kFast
                                                               : speech::WordTimes::kExact;
  options.speech.device = common.device;
  options.sounds = arguments.sounds;
  options.sounds.loading.device = common.device;
  CINESCRIBE_ASSIGN(options.objects, object_options(arguments, common));
  options.run.is_forced = arguments.is_forced;
  options.run.decode.audio_track = arguments.audio_track;
  options.threads = common.threads;
  return options;
}

struct Line {
  std::string name;
  pipeline::VideoReport report;
};

std::string number(const char* format, double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

void show_summary(const std::vector<Line>& lines, Progress& progress) {
  if (lines.empty()) return;
  std::size_t width = 5;
  for (const Line& line : lines) width = std::max(width, line.name.size());
  const auto row = [&](const std::string& name, const std::array<std::string, 6>& cells, const std::string& where) {
    std::string text = name + std::string(width - name.size(), ' ');
    for (const std::string& cell : cells) text += std::string(12 - std::min<std::size_t>(11, cell.size()), ' ') + cell;
    progress.message(text + "  " + where);
  };
  row("video", {"length", "scenes", "words", "tracks", "time", "x realtime"}, "results");
  for (const Line& line : lines) {
    const pipeline::VideoReport& report = line.report;
    const std::string time = report.was_done ? "-" : number("%.1f s", report.wall_seconds);
    const std::string speed =
        report.was_done ? "-" : number("%.1f", report.length.seconds() / std::max(1e-9, report.wall_seconds));
    row(line.name,
        {number("%.1f s", report.length.seconds()), std::to_string(report.totals.scenes),
         std::to_string(report.totals.words), std::to_string(report.totals.tracks), time, speed},
        report.folder.string());
  }
}

void show_reuse(const Line& line, Progress& progress) {
  if (line.report.was_done) {
    progress.message(line.name + ": already done (same media, same settings); --force does it again");
  } else if (!line.report.reused.empty()) {
    std::string stages;
    for (const std::string& stage : line.report.reused) stages += (stages.empty() ? "" : ", ") + stage;
    progress.message(line.name + ": taken over from an earlier run: " + stages);
  }
}

/// Whether an error concerns this video alone, so that the others can go on.
bool is_of_one_input(ErrorCode code) { return code == ErrorCode::kInput || code == ErrorCode::kInternal; }

/// Captions of what was analysed; the models of stage 1 are gone by then. Returns how many failed.
Result<int> describe(const Arguments& arguments, const std::vector<Line>& done, const CommonOptions& common,
                     Progress& progress) {
  std::vector<fs::path> folders;
  for (const Line& line : done) folders.push_back(line.report.folder);
  return arguments.captions.run(folders, arguments.output, {}, arguments.is_forced, common, progress);
}

Outcome analyze(Arguments& arguments, const CommonOptions& common) {
  if (arguments.inputs.empty()) return Error{ErrorCode::kUsage, "name the videos or folders to analyse"};
  const pipeline::MediaFiles found = pipeline::find_media_files({arguments.inputs.begin(), arguments.inputs.end()});
  std::vector<Error> failures = found.problems;
  if (found.files.empty() && failures.size() == 1) return failures.front();
  CINESCRIBE_ASSIGN(const pipeline::AnalysisOptions options, analysis_options(arguments, common));
  if (arguments.captioners == std::vector<std::string>{"none"}) arguments.captioners.clear();
  CINESCRIBE_TRY(arguments.captions.prepare(arguments.captioners, common));
  CINESCRIBE_ASSIGN(auto analysis, pipeline::Analysis::open(options));
  Progress progress(progress_style(common));
  for (const Error& failure : failures) progress.message("error: " + failure.message, true);
  std::vector<Line> done;
  for (const fs::path& file : found.files) {
    ShownProgress listener(progress, file.filename().string());
    auto report = analysis->run(file, listener, common.stop);
    if (report.ok()) {
      done.push_back({file.filename().string(), *std::move(report)});
      show_reuse(done.back(), progress);
      continue;
    }
    const bool is_alone = found.files.size() + found.problems.size() == 1;
    if (is_alone || !is_of_one_input(report.error().code)) {
      show_summary(done, progress);
      return report.error();
    }
    failures.push_back(report.error());
    progress.message("error: " + report.error().message, true);
  }
  analysis.reset();
  CINESCRIBE_ASSIGN(const int not_described, describe(arguments, done, common, progress));
  show_summary(done, progress);
  if (failures.empty()) return not_described == 0 ? 0 : 1;
  progress.message("error: " + std::to_string(failures.size()) + " of " +
                       std::to_string(found.files.size() + found.problems.size()) + " inputs failed; see above",
                   true);
  return 1;
}

void add_sound_flags(CLI::App& app, pipeline::SoundStageOptions& options) {
  app.add_option("--sound-model", options.model, "yamnet, a Hugging Face AST folder, or a GGUF file imported from one")
      ->capture_default_str()
      ->group("Sounds");
  app.add_option("--sound-threshold", options.filter.threshold, "Lowest score of a sound to report")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str()
      ->group("Sounds");
  app.add_option("--sound-top-k", options.filter.top_k, "Most sounds per scene; 0 = all above the threshold")
      ->capture_default_str()
      ->group("Sounds");
  app.add_flag("--mask-speech", options.masks_speech, "Silence speech first, to name what sounds besides")
      ->group("Sounds");
}

void add_object_flags(CLI::App& app, Arguments& arguments) {
  objects::DetectorOptions& detector = arguments.objects.detector;
  const std::string group = "Objects";
  app.add_option("--object-model", arguments.objects.model,
                 "A detector of the catalogue, an ONNX file, or a folder with one; auto = the best that is installed")
      ->capture_default_str()
      ->group(group);
  app.add_option("--object-layout", arguments.object_layout, "What the model's outputs mean, as in `objects --layout`")
      ->capture_default_str()
      ->group(group);
  app.add_option("--objects-fps", arguments.objects.frames_per_second, "Frames to look at per second; 0 = every frame")
      ->check(CLI::Range(0.0, 1000.0))
      ->capture_default_str()
      ->group(group);
  app.add_option("--object-conf", arguments.object_conf, "Lowest score of a detection; without it the detector's own")
      ->check(CLI::Range(0.0, 1.0))
      ->group(group);
  app.add_option("--object-iou", arguments.object_iou, "Overlap above which the lesser of two boxes goes")
      ->check(CLI::Range(0.0, 1.0))
      ->group(group);
  app.add_option("--object-classes", detector.classes, "Only these classes, by name, separated by commas")
      ->delimiter(',')
      ->group(group);
  app.add_option("--class-names", detector.class_file, "File with the detector's class names, one per line")
      ->group(group);
  app.add_option("--max-objects", detector.max_boxes, "Most detections per frame")
      ->check(CLI::Range(1, 5000))
      ->capture_default_str()
      ->group(group);
  arguments.tracker.add_to(app);
}

}  // namespace

Command add_analyze(CLI::App& root, const CommonOptions& common) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* app =
      root.add_subcommand("analyze", "Find scenes, speech, sounds and objects in videos, and write them to a folder");
  app->add_option("INPUT", arguments->inputs, "Files and folders (searched to any depth)");
  app->add_option("-o,--output", arguments->output, "Folder for the results")->capture_default_str();
  app->add_option("--stages", arguments->stages, "What to find")
      ->delimiter(',')
      ->check(CLI::IsMember(pipeline::stage_names()))
      ->capture_default_str();
  app->add_flag("--force", arguments->is_forced, "Do everything again");
  app->add_flag("--frames,!--no-frames", arguments->has_frames, "Store pictures of each scene's start and middle");
  arguments->scenes.min_scene_length = kDefaultMinLength;
  add_scene_flags(*app, arguments->scenes);
  app->add_option("--audio-track", arguments->audio_track, "Which sound track, from 0; -1 = the file's default")
      ->check(CLI::Range(-1, 1000))
      ->capture_default_str();
  app->add_option("--model", arguments->model, "Speech model: catalogue name, folder or file")->capture_default_str();
  app->add_option("--language", arguments->language, "Spoken language, e.g. en; empty = found out");
  app->add_option("--word-times", arguments->word_times, "How the times of words are found")
      ->check(CLI::IsMember({"exact", "fast", "off"}))
      ->capture_default_str();
  app->add_option("--captioner", arguments->captioners,
                  "Who describes the scenes: a model's catalogue name or folder, narrator (sentences made of what was "
                  "found), none; may be given several times")
      ->capture_default_str();
  arguments->captions.add_to(*app);
  add_sound_flags(*app, arguments->sounds);
  add_object_flags(*app, *arguments);
  return {app, [arguments, &common] { return analyze(*arguments, common); }};
}

}  // namespace cinescribe::cli
