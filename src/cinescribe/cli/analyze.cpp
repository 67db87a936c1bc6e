#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cinescribe/cli/batch_summary.h"
#include "cinescribe/cli/caption_job.h"
#include "cinescribe/cli/commands.h"
#include "cinescribe/cli/exit_code.h"
#include "cinescribe/cli/progress.h"
#include "cinescribe/cli/shown_progress.h"
#include "cinescribe/cli/stage_flags.h"
#include "cinescribe/pipeline/analysis.h"
#include "cinescribe/pipeline/batch.h"
#include "cinescribe/pipeline/input_words.h"
#include "cinescribe/pipeline/media_files.h"

namespace cinescribe::cli {

namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::vector<std::string> inputs;
  std::vector<std::string> lists;
  int jobs = 1;
  pipeline::DiskLimits limits;
  std::string output = "results";
  bool is_forced = false;
  StageFlags stages;
  std::vector<std::string> captioners = {"narrator"};
  CaptionJob captions;
};

void show_reuse(const std::string& name, const pipeline::VideoReport& report, Progress& progress) {
  if (report.was_done) {
    progress.message(name + ": already done (same media, same settings); --force does it again");
    return;
  }
  const auto listed = [](const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& each : names) text += (text.empty() ? "" : ", ") + each;
    return text;
  };
  if (!report.reused.empty()) {
    progress.message(name + ": taken over from an earlier run: " + listed(report.reused));
  }
  if (!report.resumed.empty()) {
    progress.message(name + ": gone on where an earlier run was stopped: " + listed(report.resumed));
  }
}

/// Whether an error concerns this video alone, so that the others can go on.
bool is_of_one_input(ErrorCode code) { return code == ErrorCode::kInput || code == ErrorCode::kInternal; }

/// Stage 1 of every file. Errors: what concerns more than one.
Status analyze_all(pipeline::Analysis& analysis, const std::vector<fs::path>& files, int jobs, BatchSummary& summary,
                   const CommonOptions& common, Progress& progress) {
  return pipeline::run_batch(
      files.size(), jobs, [&](std::size_t i) { analysis.claim(files[i]); },
      [&](std::size_t i) -> Status {
        const std::string name = files[i].filename().string();
        ShownProgress listener(progress, name, jobs > 1 ? std::to_string(i) + " " : "");
        auto report = analysis.run(files[i], listener, common.stop);
        if (report.ok()) {
          show_reuse(name, *report, progress);
          summary.done(i, *std::move(report));
          return {};
        }
        summary.failed(i, report.error());
        if (summary.inputs() == 1 || !is_of_one_input(report.error().code)) return report.error();
        progress.message("error: " + report.error().message, true);
        return {};
      });
}

/// Captions of what was analysed; the models of stage 1 are gone by then. Returns how many failed.
Result<int> describe(const Arguments& arguments, const BatchSummary& summary, const CommonOptions& common,
                     Progress& progress) {
  std::vector<fs::path> folders;
  for (const pipeline::VideoReport& report : summary.reports()) folders.push_back(report.folder);
  return arguments.captions.run(folders, arguments.output, {}, arguments.is_forced, common, progress);
}

Outcome analyze_and_describe(const Arguments& arguments, const pipeline::AnalysisOptions& options,
                             const pipeline::MediaFiles& found, const CommonOptions& common) {
  CINESCRIBE_ASSIGN(auto analysis, pipeline::Analysis::open(options));
  Progress progress(progress_style(common));
  for (const Error& failure : found.problems) progress.message("error: " + failure.message, true);
  CINESCRIBE_ASSIGN(const auto summary,
                    BatchSummary::create(fs::path(arguments.output) / "summary.json", found.files, found.problems));
  Status status = analyze_all(*analysis, found.files, options.jobs, *summary, common, progress);
  analysis.reset();
  if (status.ok()) {
    const Result<int> not_described = describe(arguments, *summary, common, progress);
    if (not_described.ok()) summary->not_described(*not_described);
    status = not_described.status();
    if (status.ok()) {
      const int code = summary->failures() == 0 && *not_described == 0 ? 0 : 1;
      summary->show(progress);
      CINESCRIBE_TRY(summary->write(code));
      return code;
    }
  }
  summary->show(progress);
  static_cast<void>(summary->write(exit_code(status.error().code)));  // the error itself says more
  return status.error();
}

Outcome analyze(Arguments& arguments, const CommonOptions& common) {
  for (const std::string& list : arguments.lists) arguments.inputs.push_back("@" + list);
  if (arguments.inputs.empty()) return Error{ErrorCode::kUsage, "name the videos or folders to analyse"};
  const pipeline::InputPaths inputs = pipeline::expand_inputs(arguments.inputs);
  pipeline::MediaFiles found = pipeline::find_media_files(inputs.paths);
  found.problems.insert(found.problems.begin(), inputs.problems.begin(), inputs.problems.end());
  if (found.files.empty() && found.problems.size() == 1) return found.problems.front();
  if (found.files.empty() && found.problems.empty()) {
    return Error{ErrorCode::kInput, "the lists of inputs name no videos or folders"};
  }
  CINESCRIBE_ASSIGN(pipeline::AnalysisOptions options, arguments.stages.options(common));
  options.output = arguments.output;
  options.run.is_forced = arguments.is_forced;
  options.limits = arguments.limits;
  options.jobs = std::min(arguments.jobs, static_cast<int>(std::max<std::size_t>(1, found.files.size())));
  if (arguments.captioners == std::vector<std::string>{"none"}) arguments.captioners.clear();
  CINESCRIBE_TRY(arguments.captions.prepare(arguments.captioners, common));
  return analyze_and_describe(arguments, options, found, common);
}

void add_batch_flags(CLI::App& app, Arguments& arguments) {
  const std::string group = "Many videos";
  app.add_option("--input-list", arguments.lists,
                 "File with one video, folder or pattern a line (as INPUT @FILE); - = standard input")
      ->group(group);
  app.add_option("--jobs", arguments.jobs, "Videos at the same time; the threads are divided among them")
      ->check(CLI::Range(1, 256))
      ->capture_default_str()
      ->group(group);
  app.add_option("--max-disk", arguments.limits.max_bytes,
                 "Most that the results folder may hold, e.g. 20G; 0 = no limit")
      ->transform(CLI::AsSizeValue(false))
      ->group(group);
  app.add_option("--min-free", arguments.limits.min_free_bytes, "What the disk must keep free, e.g. 5G; 0 = no limit")
      ->transform(CLI::AsSizeValue(false))
      ->group(group);
  app.add_option("--max-temp", arguments.limits.max_temp_bytes,
                 "Most that may wait in temporary files, e.g. 1G; 0 = no limit")
      ->transform(CLI::AsSizeValue(false))
      ->group(group);
}

}  // namespace

Command add_analyze(CLI::App& root, const CommonOptions& common) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* app =
      root.add_subcommand("analyze", "Find scenes, speech, sounds and objects in videos, and write them to a folder");
  app->add_option("INPUT", arguments->inputs,
                  "Files, folders (searched to any depth), quoted patterns ('talks/*.mp4'), and @LIST files");
  app->add_option("-o,--output", arguments->output, "Folder for the results")->capture_default_str();
  app->add_flag("--force", arguments->is_forced, "Do everything again");
  add_batch_flags(*app, *arguments);
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
