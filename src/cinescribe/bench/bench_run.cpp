#include "cinescribe/bench/bench_run.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "cinescribe/bench/caption_pass.h"
#include "cinescribe/bench/gpu_meter.h"
#include "cinescribe/bench/host_facts.h"
#include "cinescribe/bench/measured_before.h"
#include "cinescribe/bench/pass_tools.h"
#include "cinescribe/bench/record_file.h"
#include "cinescribe/bench/stage1_pass.h"
#include "cinescribe/core/file.h"
#include "cinescribe/pipeline/caption_settings.h"
#include "cinescribe/pipeline/media_identity.h"

namespace cinescribe::bench {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kHashLength = 12;

/// Whether an error concerns one video or one captioner alone, so that the rest can be measured.
bool is_of_one_pass(ErrorCode code) {
  return code == ErrorCode::kInput || code == ErrorCode::kModel || code == ErrorCode::kInternal;
}

class BenchRun {
 public:
  BenchRun(const BenchOptions& options, BenchListener& listener, std::stop_token stop, RecordFile file,
           MeasuredBefore before)
      : options_(options),
        listener_(listener),
        stop_(std::move(stop)),
        file_(std::move(file)),
        before_(std::move(before)),
        gpus_(GpuMeter::open()) {}

  Result<BenchReport> run();

 private:
  /// One time through everything.
  struct Round {
    bool is_warm_up = false;
    int number = 1;
  };

  Status begin_session();
  Status run_round(const Round& round);
  Status run_video(const Round& round, const fs::path& video);
  /// The folder of the results; nothing where stage 1 failed, which is recorded.
  Result<std::optional<fs::path>> stage1(const Round& round, const fs::path& video,
                                         std::unique_ptr<pipeline::Analysis>& analysis);
  Status captions(const Round& round, const fs::path& base, const pipeline::Analysis& analysis,
                  const CaptionerPlan& plan);
  /// Files how good stage 1's result is, where something is known of the video.
  Status judge(const fs::path& video, const fs::path& base);
  Status describe_stage1(const pipeline::Analysis& analysis, PassRecord& pass);
  PassRecord blank(const Round& round) const;
  Status file_settings(const std::string& hash, const std::string& settings);
  Status file_model(ModelRecord model);
  Status file_video(const fs::path& base);
  bool is_measured(const Round& round, const PassRecord& pass);
  template <typename Work>
  Status measure(PassRecord& pass, const Work& work);

  const BenchOptions& options_;
  BenchListener& listener_;
  const std::stop_token stop_;
  RecordFile file_;
  const MeasuredBefore before_;
  const std::unique_ptr<GpuMeter> gpus_;
  const Clock::time_point started_ = Clock::now();
  SessionRecord session_;
  std::int64_t passes_ = 0;
  std::set<std::string> filed_;  ///< Hashes, models and videos that this session has named.
  BenchReport report_;
};

/// Only a bench that measures something leaves a session behind.
Status BenchRun::begin_session() {
  if (!filed_.insert("session").second) return {};
  return file_.append(session_);
}

PassRecord BenchRun::blank(const Round& round) const {
  PassRecord pass;
  pass.session = session_.session;
  pass.device = options_.device;
  pass.threads = options_.threads;
  pass.is_warm_up = round.is_warm_up;
  pass.repeat = round.is_warm_up ? 0 : round.number;
  return pass;
}

Status BenchRun::file_settings(const std::string& hash, const std::string& settings) {
  CINESCRIBE_TRY(begin_session());
  if (!filed_.insert("settings " + hash).second) return {};
  return file_.append(SettingsRecord{session_.session, hash, settings});
}

Status BenchRun::file_model(ModelRecord model) {
  CINESCRIBE_TRY(begin_session());
  if (!filed_.insert("model " + model.part + " " + model.name + " " + model.sha256).second) return {};
  model.session = session_.session;
  return file_.append(model);
}

Status BenchRun::file_video(const fs::path& base) {
  if (!filed_.contains("session")) return {};
  CINESCRIBE_ASSIGN(VideoRecord record, video_record(base));
  if (!filed_.insert("video " + record.name + record.fingerprint).second) return {};
  record.session = session_.session;
  return file_.append(record);
}

bool BenchRun::is_measured(const Round& round, const PassRecord& pass) {
  if (options_.is_forced) return false;
  const int passes = before_.passes(session_, pass);
  if (passes < round.number) return false;
  ++report_.skipped;
  listener_.skip(pass, passes);
  return true;
}

/// Runs `work` as the next pass; what went wrong in it is recorded, and is an error only where it ends the bench.
template <typename Work>
Status BenchRun::measure(PassRecord& pass, const Work& work) {
  pass.pass = ++passes_;
  pass.start_seconds = std::chrono::duration<double>(Clock::now() - started_).count();
  Status status;
  {
    const std::unique_ptr<pipeline::ProgressListener> progress = listener_.begin_pass(pass);
    status = work(PassTools{file_, gpus_.get(), *progress, stop_});
  }
  if (status.ok()) {
    ++report_.measured;
  } else {
    if (!is_of_one_pass(status.error().code)) return status;
    ++report_.failed;
    pass.error = status.error().message;
    CINESCRIBE_TRY(file_.append(pass));
    CINESCRIBE_TRY(file_.sync());
  }
  listener_.end_pass(pass);
  return {};
}

Status BenchRun::describe_stage1(const pipeline::Analysis& analysis, PassRecord& pass) {
  CINESCRIBE_ASSIGN(const std::vector<results::ModelRecord> models, analysis.models());
  std::string text = analysis.settings_json() + "\n" + options_.stage1_execution_json + "\n";
  for (const results::ModelRecord& model : models) text += model.stage + " " + model.name + " " + model.sha256 + "\n";
  pass.settings_hash = pipeline::sha256_hex(text).substr(0, kHashLength);
  return {};
}

Result<std::optional<fs::path>> BenchRun::stage1(const Round& round, const fs::path& video,
                                                 std::unique_ptr<pipeline::Analysis>& analysis) {
  pipeline::AnalysisOptions options = options_.stage1;
  options.output = options_.folder / "runs" / (round.is_warm_up ? "warm-up-" : "repeat-");
  options.output += std::to_string(round.number);
  CINESCRIBE_ASSIGN(analysis, pipeline::Analysis::open(options));
  PassRecord pass = blank(round);
  pass.part = kStage1;
  pass.video = video.filename().string();
  CINESCRIBE_ASSIGN(const pipeline::MediaIdentity media, pipeline::identify(video));
  pass.fingerprint = media.fingerprint;
  CINESCRIBE_TRY(describe_stage1(*analysis, pass));
  CINESCRIBE_ASSIGN(const fs::path folder, analysis->video_folder(video));
  std::error_code ignored;
  // Results of other settings lie in the same folder: only those that this bench made itself are taken for captions.
  const bool is_there = fs::exists(folder / ("measured-" + pass.settings_hash), ignored);
  if (is_there && is_measured(round, pass)) return std::optional(folder);
  CINESCRIBE_TRY(file_settings(pass.settings_hash, R"({"stage1":)" + analysis->settings_json() + R"(,"execution":)" +
                                                       options_.stage1_execution_json + "}"));
  CINESCRIBE_ASSIGN(const std::vector<results::ModelRecord> models, analysis->models());
  for (const results::ModelRecord& model : models) {
    CINESCRIBE_TRY(file_model({"", model.name, model.stage, "", model.sha256, 0, false, "{}"}));
  }
  fs::remove_all(folder, ignored);
  CINESCRIBE_TRY(measure(pass, [&](const PassTools& tools) { return run_stage1_pass(*analysis, video, pass, tools); }));
  if (!pass.error.empty()) return std::optional<fs::path>();
  CINESCRIBE_TRY(write_file_atomically(folder / ("measured-" + pass.settings_hash), ""));
  return std::optional(folder);
}

Status BenchRun::captions(const Round& round, const fs::path& base, const pipeline::Analysis& analysis,
                          const CaptionerPlan& plan) {
  CINESCRIBE_ASSIGN(const FreshCaptioner captioner, plan.find());
  const captions::CaptionerFacts& facts = captioner.source.facts;
  CINESCRIBE_ASSIGN(const VideoRecord video, video_record(base));
  PassRecord pass = blank(round);
  pass.part = kCaptions;
  pass.captioner = plan.model.name;
  pass.video = video.name;
  pass.fingerprint = video.fingerprint;
  const std::int64_t limit = captioner.options.most_scenes;
  if (limit > 0) {
    CINESCRIBE_ASSIGN(const std::int64_t scenes, scene_count(base));
    pass.skipped_scenes = std::max<std::int64_t>(0, scenes - limit);
  }
  const bool is_part = pass.skipped_scenes > 0;
  const std::string settings = pipeline::caption_settings_json(captioner.source, captioner.options);
  pass.settings_hash = pipeline::sha256_hex(facts.name + "\n" + facts.type + "\n" + facts.checksum + "\n" + settings +
                                            "\n" + captioner.options.prompt + "\n" + options_.caption_execution_json +
                                            (is_part ? "\nscenes " + std::to_string(limit) : ""))
                           .substr(0, kHashLength);
  if (is_measured(round, pass)) return {};
  CINESCRIBE_TRY(file_settings(pass.settings_hash, R"({"captions":)" + settings +
                                                       (is_part ? R"(,"first_scenes":)" + std::to_string(limit) : "") +
                                                       R"(,"execution":)" + options_.caption_execution_json + "}"));
  CINESCRIBE_TRY(file_model(plan.model));
  CINESCRIBE_TRY(file_video(base));
  const fs::path folder = analysis.caption_folder(plan.model.name, base);
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  return measure(pass, [&](const PassTools& tools) { return run_caption_pass(captioner, base, folder, pass, tools); });
}

Status BenchRun::judge(const fs::path& video, const fs::path& base) {
  if (!options_.judge) return {};
  const auto records = options_.judge(video.filename().string(), base);
  if (!records.ok()) {
    if (!is_of_one_pass(records.error().code)) return records.error();
    ++report_.failed;
    listener_.cannot_judge(video, records.error());
    return {};
  }
  for (QualityRecord record : *records) {
    if (before_.has(record)) continue;
    CINESCRIBE_TRY(begin_session());
    record.session = session_.session;
    CINESCRIBE_TRY(file_.append(record));
  }
  return file_.sync();
}

Status BenchRun::run_video(const Round& round, const fs::path& video) {
  std::unique_ptr<pipeline::Analysis> analysis;
  const auto found = stage1(round, video, analysis);
  if (!found.ok()) {
    if (found.error().code != ErrorCode::kInput) return found.error();
    ++report_.failed;
    listener_.cannot_begin(video, found.error());
    return {};
  }
  if (!*found) return {};
  const fs::path& base = **found;
  CINESCRIBE_TRY(file_video(base));
  if (!round.is_warm_up && round.number == 1) CINESCRIBE_TRY(judge(video, base));
  for (const CaptionerPlan& plan : options_.captioners) CINESCRIBE_TRY(captions(round, base, *analysis, plan));
  return {};
}

Status BenchRun::run_round(const Round& round) {
  for (const fs::path& video : options_.videos) {
    if (stop_.stop_requested()) return Error{ErrorCode::kInterrupted, "stopped; finished passes are kept"};
    CINESCRIBE_TRY(run_video(round, video));
  }
  return {};
}

Result<BenchReport> BenchRun::run() {
  session_ = options_.session;
  add_host_facts(session_);
  for (int i = 1; i <= options_.warm_ups; ++i) CINESCRIBE_TRY(run_round({true, i}));
  for (int i = 1; i <= options_.repeats; ++i) CINESCRIBE_TRY(run_round({false, i}));
  return report_;
}

}  // namespace

Result<BenchReport> run_bench(const BenchOptions& options, BenchListener& listener, const std::stop_token& stop) {
  if (options.videos.empty() || options.repeats < 1) {
    return Error{ErrorCode::kUsage, "name a video to measure, and at least one repeat"};
  }
  const fs::path path = options.folder / kRecordFileName;
  CINESCRIBE_ASSIGN(MeasuredBefore before, MeasuredBefore::read(path));
  CINESCRIBE_ASSIGN(RecordFile file, RecordFile::open(path));
  BenchRun run(options, listener, stop, std::move(file), std::move(before));
  return run.run();
}

}  // namespace cinescribe::bench
