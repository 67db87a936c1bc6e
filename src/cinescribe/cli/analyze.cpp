#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cinescribe/cli/caption_job.h"
#include "cinescribe/cli/commands.h"
#include "cinescribe/cli/progress.h"
#include "cinescribe/cli/shown_progress.h"
#include "cinescribe/cli/stage_flags.h"
#include "cinescribe/pipeline/analysis.h"
#include "cinescribe/pipeline/media_files.h"

namespace cinescribe::cli {

namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::vector<std::string> inputs;
  std::string output = "results";
  bool is_forced = false;
  StageFlags stages;
  std::vector<std::string> captioners = {"narrator"};
  CaptionJob captions;
};

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
  CINESCRIBE_ASSIGN(pipeline::AnalysisOptions options, arguments.stages.options(common));
  options.output = arguments.output;
  options.run.is_forced = arguments.is_forced;
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

}  // namespace

Command add_analyze(CLI::App& root, const CommonOptions& common) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* app =
      root.add_subcommand("analyze", "Find scenes, speech, sounds and objects in videos, and write them to a folder");
  app->add_option("INPUT", arguments->inputs, "Files and folders (searched to any depth)");
  app->add_option("-o,--output", arguments->output, "Folder for the results")->capture_default_str();
  app->add_flag("--force", arguments->is_forced, "Do everything again");
  arguments->stages.add_to(*app);
  app->add_option("--captioner", arguments->captioners,
                  "Who describes the scenes: a model's catalogue name or folder, narrator (sentences made of what was "
                  "found), none; may be given several times")
      ->capture_default_str();
  arguments->captions.add_to(*app);
  arguments->stages.add_findings_to(*app);
  return {app, [arguments, &common] { return analyze(*arguments, common); }};
}

}  // namespace cinescribe::cli
