#include "cinescribe/cli/caption_job.h"

#include <array>
#include <cstdio>
#include <map>
#include <utility>

#include "cinescribe/cli/byte_count.h"
#include "cinescribe/cli/shown_progress.h"
#include "cinescribe/pipeline/output_folder.h"
#include "cinescribe/pipeline/own_process.h"
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
  if (totals.retried > 0) text += ", " + std::to_string(totals.retried) + " tried again in a new process";
  if (totals.suspects > 0) text += ", " + std::to_string(totals.suspects) + " suspect";
  if (report.work.shared_prefix_tokens > 0) {
    text += ", " + std::to_string(report.work.shared_prefix_tokens) + " of " +
            std::to_string(report.work.prompt_tokens) + " prompt tokens shared between scenes";
  }
  progress.message(text + ", " + seconds_text(report.wall_seconds) + "  " + report.file.string());
  if (report.first_failure) {
    progress.message("error: " + report.video + ": " + captioner + ": " + std::to_string(totals.failures) +
                         " scenes failed, first: " + report.first_failure->message,
                     true);
  }
}

std::string clock_text(double seconds) {
  std::array<char, 48> text{};
  const auto whole = static_cast<long long>(seconds + 0.5);
  std::snprintf(text.data(), text.size(), "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
  return text.data();
}

/// Tells what a run will take before it begins; what cannot be done at all is refused.
Status tell_forecast(captions::Captioner& captioner, const pipeline::CaptionForecast& run,
                     const pipeline::CaptionRunOptions& options, const CommonOptions& common, Progress& progress) {
  if (run.scenes < 1 || run.frame_width < 1) return {};
  captions::CaptionRequest typical;
  typical.prompt = options.prompt;
  typical.generation = options.generation;
  for (int i = 0; i < options.choice.frames; ++i) typical.frames.emplace_back(run.frame_width, run.frame_height, 3);
  progress.message(captioner.facts().name + ": " + std::to_string(run.scenes) + " scenes to describe");
  CINESCRIBE_ASSIGN(const auto forecast, captioner.forecast(typical, run.scenes, common.stop));
  if (!forecast) return {};
  std::string text =
      captioner.facts().name + ": each scene has " + std::to_string(forecast->prompt_tokens) + " tokens (" +
      std::to_string(forecast->image_tokens) + " of pictures) and up to " + std::to_string(forecast->new_tokens) +
      " new ones; weights " + format_byte_count(forecast->weight_bytes) + ", keys and values " +
      format_byte_count(forecast->cache_bytes) + ", " + format_byte_count(forecast->free_bytes) + " free";
  if (forecast->seconds_per_scene > 0.0) {
    text += "; at most about " + clock_text(forecast->seconds_per_scene * static_cast<double>(run.scenes));
  }
  progress.message(text);
  return {};
}

/// Whether an error concerns this video alone, so that the others can go on.
bool is_of_one_video(ErrorCode code) { return code == ErrorCode::kInput || code == ErrorCode::kInternal; }

}  // namespace

void CaptionJob::add_to(CLI::App& app) {
  scenes_.add_to(app);
  generation_.add_to(app);
  model_.add_to(app, true);
  app.add_flag("--in-process", is_in_process_,
               "Run models within this process instead of one of their own, where a crash ends everything")
      ->group("Model");
  app.add_option("--captioner-timeout", timeout_seconds_,
                 "Seconds that a model's process may get nowhere before another takes its place; 0 = adapts")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str()
      ->group("Model");
}

/// The captioner in a process of its own, where that makes sense.
pipeline::CaptionerSource CaptionJob::source_of(const Chosen& chosen, Progress& progress) const {
  if (is_in_process_ || !pipeline::suits_own_process(chosen.name)) return chosen.captioner.source;
  pipeline::WorkerOptions worker;
  worker.timeout_seconds = timeout_seconds_;
  worker.on_event = [&progress](const std::string& words) { progress.message("warning: " + words, true); };
  return pipeline::in_own_process(chosen.captioner.source, {chosen.name, model_options_, model_.may_be_synthetic(), {}},
                                  worker);
}

Status CaptionJob::prepare(const std::vector<std::string>& captioners, const CommonOptions& common) {
  CINESCRIBE_ASSIGN(const pipeline::CaptionRunOptions options, scenes_.options());
  CINESCRIBE_ASSIGN(model_options_, model_.options(common));
  for (const std::string& name : captioners) {
    CINESCRIBE_ASSIGN(auto captioner, pipeline::choose_captioner(name, model_options_, model_.may_be_synthetic()));
    Chosen chosen{name, std::move(captioner), options};
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
    const pipeline::CaptionerSource source = source_of(chosen, progress);  // ends with this captioner's last video
    for (const fs::path& base : results) {
      const fs::path root = output.empty() ? pipeline::output_of(base) : output;
      if (!outputs.contains(root)) {
        CINESCRIBE_ASSIGN(auto opened, pipeline::OutputFolder::open(root));
        outputs.emplace(root, std::move(opened));
      }
      ShownProgress listener(progress, base.filename().string());
      const auto report = pipeline::caption_video(
          base, outputs.at(root).caption_folder(name, base), source, options, listener, common.stop,
          [&](captions::Captioner& captioner, const pipeline::CaptionForecast& forecast) {
            return tell_forecast(captioner, forecast, options, common, progress);
          });
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
