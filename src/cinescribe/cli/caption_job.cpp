#include "cinescribe/cli/caption_job.h"

#include <array>
#include <cstdio>
#include <map>
#include <utility>

#include "cinescribe/cli/shown_progress.h"
#include "cinescribe/pipeline/output_folder.h"
#include "cinescribe/pipeline/result_folders.h"

namespace cinescribe::cli {

namespace {

namespace fs = std::filesystem;

std::string seconds_text(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f s", value);
  return text.data();
}

void show(const pipeline::CaptionReport& report, const std::string& captioner, Progress& progress) {
  const results::CaptionTotals& totals = report.totals;
  if (report.was_done) {
    progress.message(report.video + ": " + captioner +
                     ": already done (same scenes, model and settings); --force does it again");
    return;
  }
  std::string text = report.video + ": " + captioner + ": " + std::to_string(totals.captions) + " of " +
                     std::to_string(totals.scenes) + " scenes described";
  if (report.reused > 0) text += ", " + std::to_string(report.reused) + " taken over from an earlier run";
  if (totals.suspects > 0) text += ", " + std::to_string(totals.suspects) + " suspect";
  progress.message(text + ", " + seconds_text(report.wall_seconds) + "  " + report.file.string());
  if (report.first_failure) {
    progress.message("error: " + report.video + ": " + captioner + ": " + std::to_string(totals.failures) +
                         " scenes failed, first: " + report.first_failure->message,
                     true);
  }
}

/// Whether an error concerns this video alone, so that the others can go on.
bool is_of_one_video(ErrorCode code) { return code == ErrorCode::kInput || code == ErrorCode::kInternal; }

}  // namespace

void CaptionJob::add_to(CLI::App& app) {
  scenes_.add_to(app);
  generation_.add_to(app);
  model_.add_to(app, true);
}

Status CaptionJob::prepare(const std::vector<std::string>& captioners, const CommonOptions& common) {
  CINESCRIBE_ASSIGN(const pipeline::CaptionRunOptions options, scenes_.options());
  CINESCRIBE_ASSIGN(const captions::VlmOptions model, model_.options(common));
  for (const std::string& name : captioners) {
    CINESCRIBE_ASSIGN(auto captioner, pipeline::choose_captioner(name, model, model_.may_be_synthetic()));
    Chosen chosen{std::move(captioner), options};
    CINESCRIBE_ASSIGN(chosen.options.generation, generation_.over(chosen.captioner.scenes));
    if (chosen.options.generation.num_return_sequences > 1) {
      return Error{ErrorCode::kUsage, "a scene has one caption; --num-return-sequences is for cinescribe caption"};
    }
    chosen_.push_back(std::move(chosen));
  }
  return {};
}

Result<int> CaptionJob::run(const std::vector<fs::path>& results, const fs::path& output, const fs::path& video,
                            bool is_forced, const CommonOptions& common, Progress& progress) const {
  std::map<fs::path, pipeline::OutputFolder> outputs;
  int failures = 0;
  for (const Chosen& chosen : chosen_) {
    const std::string& name = chosen.captioner.source.facts.name;
    pipeline::CaptionRunOptions options = chosen.options;
    options.video = video;
    options.is_forced = is_forced;
    for (const fs::path& base : results) {
      const fs::path root = output.empty() ? pipeline::output_of(base) : output;
      if (!outputs.contains(root)) {
        CINESCRIBE_ASSIGN(auto opened, pipeline::OutputFolder::open(root));
        outputs.emplace(root, std::move(opened));
      }
      ShownProgress listener(progress, base.filename().string());
      const auto report = pipeline::caption_video(base, outputs.at(root).caption_folder(name, base),
                                                  chosen.captioner.source, options, listener, common.stop);
      if (report.ok()) {
        show(*report, name, progress);
        failures += report->first_failure ? 1 : 0;
        continue;
      }
      if (!is_of_one_video(report.error().code) || results.size() * chosen_.size() == 1) return report.error();
      progress.message("error: " + base.filename().string() + ": " + name + ": " + report.error().message, true);
      ++failures;
    }
  }
  return failures;
}

}  // namespace cinescribe::cli
