#include "cinescribe/cli/caption_job.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "cinescribe/cli/byte_count.h"
#include "cinescribe/cli/shown_progress.h"
#include "cinescribe/pipeline/caption_videos.h"
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

/// What became of all videos of one captioner.
struct Sum {
  int videos = 0;
  int failed_videos = 0;
  results::CaptionTotals totals;

  void add(const Result<pipeline::CaptionReport>& report) {
    ++videos;
    failed_videos += !report.ok() || report->first_failure ? 1 : 0;
    if (!report.ok()) return;
    totals.captions += report->totals.captions;
    totals.failures += report->totals.failures;
    totals.lost += report->totals.lost;
    totals.retried += report->totals.retried;
  }
};

void show_sum(const Sum& sum, const std::string& captioner, double seconds, Progress& progress) {
  if (sum.videos < 2) return;
  std::string text = captioner + ": " + std::to_string(sum.videos) + " videos, " + std::to_string(sum.totals.captions) +
                     " scenes described";
  const auto add = [&text](std::int64_t count, const char* what) {
    if (count > 0) text += ", " + std::to_string(count) + what;
  };
  add(sum.totals.retried, " tried again in a new process");
  add(sum.totals.failures, " failed");
  add(sum.totals.lost, " of them lost with the captioner's process");
  add(sum.failed_videos, " videos not or not wholly described");
  progress.message(text + ", " + seconds_text(seconds));
}

}  // namespace

void CaptionJob::add_to(CLI::App& app) {
  scenes_.add_to(app);
  generation_.add_to(app);
  model_.add_to(app, true);
  workers_.add_to(app);
}

Status CaptionJob::prepare(const std::vector<std::string>& captioners, const CommonOptions& common) {
  CINESCRIBE_ASSIGN(const pipeline::CaptionRunOptions options, scenes_.options());
  CINESCRIBE_ASSIGN(const captions::VlmOptions model, model_.options(common));
  CINESCRIBE_TRY(workers_.prepare(model, model_.may_be_synthetic()));
  for (const std::string& name : captioners) {
    if (std::any_of(chosen_.begin(), chosen_.end(), [&](const Chosen& other) { return other.name == name; })) continue;
    CINESCRIBE_ASSIGN(auto captioner, pipeline::choose_captioner(name, model, model_.may_be_synthetic()));
    Chosen chosen{name, std::move(captioner), options};
    CINESCRIBE_ASSIGN(chosen.options.generation, generation_.over(chosen.captioner.scenes));
    if (chosen.options.generation.num_return_sequences > 1) {
      return Error{ErrorCode::kUsage, "a scene has one caption; --num-return-sequences is for cinescribe caption"};
    }
    const std::string& folder = chosen.captioner.source.facts.name;
    const auto other = std::find_if(chosen_.begin(), chosen_.end(),
                                    [&](const Chosen& each) { return each.captioner.source.facts.name == folder; });
    if (other != chosen_.end()) {
      return Error{ErrorCode::kUsage, "the captioners '" + other->name + "' and '" + name +
                                          "' would both write to results/" + folder +
                                          "; rename one model's folder, or give each a run of its own with another -o"};
    }
    chosen_.push_back(std::move(chosen));
  }
  return {};
}

/// All videos by one captioner. Errors: what concerns more than one video, and the only video's own.
Result<int> CaptionJob::describe_with(const Chosen& chosen, const Work& work, int captioners,
                                      const std::map<fs::path, pipeline::OutputFolder>& outputs,
                                      const CommonOptions& common, Progress& progress) const {
  const std::string& name = chosen.captioner.source.facts.name;
  const auto started = std::chrono::steady_clock::now();
  pipeline::CaptionBatch batch;
  CINESCRIBE_ASSIGN(batch.workers, workers_.workers_of(chosen.name, chosen.captioner, captioners, progress));
  batch.options = chosen.options;
  batch.options.video = work.video;
  batch.options.is_forced = work.is_forced;
  for (std::size_t i = 0; i < work.bases.size(); ++i) {
    batch.videos.push_back({work.bases[i], outputs.at(work.roots[i]).caption_folder(name, work.bases[i])});
  }
  const bool is_only = work.bases.size() * chosen_.size() == 1;
  Sum sum;
  std::optional<Error> only_error;
  pipeline::CaptionBatchListener listener;
  listener.progress_of = [&](std::size_t i) {
    return std::make_unique<ShownProgress>(progress, work.bases[i].filename().string(),
                                           name + " " + std::to_string(i) + " ");
  };
  listener.forecast = [&](captions::Captioner& captioner, const pipeline::CaptionForecast& forecast) {
    return tell_forecast(captioner, forecast, batch.options, common, progress);
  };
  listener.on_report = [&](std::size_t i, const Result<pipeline::CaptionReport>& report) {
    sum.add(report);
    if (report.ok()) return show(*report, name, progress);
    if (is_only) {
      only_error = report.error();
    } else {
      progress.message("error: " + work.bases[i].filename().string() + ": " + name + ": " + report.error().message,
                       true);
    }
  };
  listener.on_lost = [&](const pipeline::CaptionWorker& worker, const Error& error) {
    progress.message("warning: " + name + ": " + worker.device + " is given up, the others go on: " + error.message,
                     true);
  };
  const Status status = pipeline::caption_videos(batch, listener, common.stop);
  CINESCRIBE_TRY(status);
  if (only_error) return *only_error;
  show_sum(sum, name, std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count(), progress);
  return sum.failed_videos;
}

std::vector<Result<int>> CaptionJob::describe_all(const Work& work,
                                                  const std::map<fs::path, pipeline::OutputFolder>& outputs,
                                                  const CommonOptions& common, Progress& progress) const {
  std::vector<std::uint64_t> sizes;
  for (const Chosen& chosen : chosen_) sizes.push_back(chosen.captioner.model_bytes);
  std::vector<Result<int>> results(chosen_.size(), Result<int>(0));
  if (!workers_.is_together(sizes)) {
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
      results[i] = describe_with(chosen_[i], work, 1, outputs, common, progress);
      if (common.stop.stop_requested()) break;
    }
    return results;
  }
  progress.message(std::to_string(chosen_.size()) + " captioners describe at the same time");
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < chosen_.size(); ++i) {
    threads.emplace_back([&, i] {
      results[i] = describe_with(chosen_[i], work, static_cast<int>(chosen_.size()), outputs, common, progress);
    });
  }
  threads.clear();  // waits
  return results;
}

Result<int> CaptionJob::run(const std::vector<fs::path>& results, const fs::path& output, const fs::path& video,
                            bool is_forced, const CommonOptions& common, Progress& progress) const {
  std::map<fs::path, pipeline::OutputFolder> outputs;
  Work work{results, {}, video, is_forced};
  for (const fs::path& base : results) {
    work.roots.push_back(output.empty() ? pipeline::output_of(base) : output);
    if (chosen_.empty() || outputs.contains(work.roots.back())) continue;
    CINESCRIBE_ASSIGN(auto opened, pipeline::OutputFolder::open(work.roots.back()));
    outputs.emplace(work.roots.back(), std::move(opened));
  }
  if (results.empty()) return 0;
  const std::vector<Result<int>> outcomes = describe_all(work, outputs, common, progress);
  int failures = 0;
  std::size_t failed_captioners = 0;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i].ok()) {
      failures += *outcomes[i];
      continue;
    }
    const Error& error = outcomes[i].error();
    if (error.code == ErrorCode::kInterrupted || ++failed_captioners == outcomes.size()) return error;
    failures += static_cast<int>(results.size());
    progress.message("error: " + chosen_[i].captioner.source.facts.name + ": " + error.message, true);
  }
  return failures;
}

}  // namespace cinescribe::cli
