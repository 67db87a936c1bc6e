#include "cinescribe/pipeline/video_run.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "cinescribe/pipeline/journal.h"
#include "cinescribe/pipeline/journal_state.h"
#include "cinescribe/pipeline/result_files.h"
#include "cinescribe/pipeline/stage_graph.h"
#include "cinescribe/pipeline/video_facts.h"
#include "cinescribe/results/record_json.h"

namespace cinescribe::pipeline {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// Settings, models and basis in one short text: the same key means the same results.
std::string stage_key(Stage& stage, const std::vector<results::ModelRecord>& models, const std::string& after_key,
                      const media::DecodeOptions& decode) {
  std::string text = stage.name() + "\n" + stage.settings_json() + "\n" + after_key + "\n";
  for (const auto& model : models) text += model.name + " " + model.sha256 + "\n";
  if (stage.feed() == Feed::kFrames) text += "video track " + std::to_string(decode.video_track);
  if (stage.feed() == Feed::kSound) text += "audio track " + std::to_string(decode.audio_track);
  return sha256_hex(text).substr(0, 16);
}

/// What the files beside the journal are made of.
std::string written_key(const JournalState& state) {
  std::string text;
  for (const auto& [name, stage] : state.stages) {
    if (state.finished(name) != nullptr) text += name + " " + stage.key + "\n";
  }
  return sha256_hex(text).substr(0, 16);
}

class VideoRun {
 public:
  VideoRun(fs::path file, const VideoRunOptions& options, ProgressListener& listener, std::stop_token stop,
           const OpenPass& open_pass)
      : file_(std::move(file)),
        options_(options),
        listener_(listener),
        stop_(std::move(stop)),
        open_pass_(open_pass),
        started_(std::chrono::steady_clock::now()) {}

  Result<VideoReport> run(const OutputFolder& output, const std::vector<std::unique_ptr<Stage>>& stages);

 private:
  Status open_journal(const OutputFolder& output);
  Status plan(const std::vector<std::unique_ptr<Stage>>& stages);
  [[nodiscard]] std::string basis_key(const std::string& stage,
                                      const std::map<std::string, std::string>& planned) const;
  [[nodiscard]] StageJob job_of(Stage& stage, const std::string& key, const std::string& after_key,
                                std::vector<results::ModelRecord> models) const;
  Status prepare_boundaries();
  Status compute();
  Status file_facts(const media::DecodePass& pass, bool has_decoded_pictures);
  Status write_files();

  const fs::path file_;
  const VideoRunOptions& options_;
  ProgressListener& listener_;
  const std::stop_token stop_;
  const OpenPass& open_pass_;
  const std::chrono::steady_clock::time_point started_;
  MediaIdentity media_;
  std::unique_ptr<media::DecodePass> pass_;
  std::unique_ptr<Journal> journal_;
  JournalState state_;
  std::vector<StageJob> jobs_;
  SceneBoundaries boundaries_;
  VideoReport report_;
};

Status VideoRun::open_journal(const OutputFolder& output) {
  CINESCRIBE_ASSIGN(media_, identify(file_));
  CINESCRIBE_ASSIGN(report_.folder, output.video_folder(media_));
  // A file that is no media must not leave a folder behind: the journal of a new video waits until it could be opened.
  if (!fs::exists(report_.folder / "journal.jsonl")) {
    CINESCRIBE_ASSIGN(pass_, open_pass_(file_, options_.decode));
  }
  CINESCRIBE_ASSIGN(Journal journal, Journal::open(report_.folder / "journal.jsonl"));
  journal_ = std::make_unique<Journal>(std::move(journal));
  journal_->set_quota(options_.quota);
  remove_unfinished_files(report_.folder);
  remove_unfinished_files(report_.folder / "frames");
  CINESCRIBE_ASSIGN(state_, read_journal(journal_->path()));
  const bool is_known = state_.media && state_.media->is_same_content(media_);
  if (is_known && !options_.is_forced) {
    if (state_.media->source == media_.source) return {};
  } else {
    if (options_.quota != nullptr) options_.quota->give_back(bytes_below(report_.folder));
    CINESCRIBE_TRY(remove_result_files(report_.folder, ResultRemoval::kAll));
    CINESCRIBE_TRY(journal_->clear());
    state_ = {};
  }
  const Json data = {
      {"source", media_.source.string()}, {"size_bytes", media_.size_bytes}, {"fingerprint", media_.fingerprint}};
  return journal_->append({"media", "", data.dump(-1, ' ', false, Json::error_handler_t::replace)});
}

/// Key of the stage that another one uses: as it is planned now, else as it was finished before, else none.
std::string VideoRun::basis_key(const std::string& stage, const std::map<std::string, std::string>& planned) const {
  if (const auto found = planned.find(stage); found != planned.end()) return found->second;
  const StageState* finished = state_.finished(stage);
  return finished != nullptr ? finished->key : std::string();
}

/// What is to be done of a stage: the rest, where a run with the same key has filed a part of it and it can go on.
StageJob VideoRun::job_of(Stage& stage, const std::string& key, const std::string& after_key,
                          std::vector<results::ModelRecord> models) const {
  StageJob job{&stage, key, after_key, std::move(models)};
  const auto found = state_.stages.find(stage.name());
  if (!stage.can_resume() || found == state_.stages.end()) return job;
  const StageState& before = found->second;
  if (before.is_done || before.key != key || before.after != after_key || before.units == 0) return job;
  job.resume = StageResume{before.begin_offset, before.units, before.last_unit};
  job.spent = before.timing;
  return job;
}

Status VideoRun::plan(const std::vector<std::unique_ptr<Stage>>& stages) {
  std::map<std::string, std::string> keys;
  for (const auto& stage : stages) {
    CINESCRIBE_ASSIGN(std::vector<results::ModelRecord> models, stage->models());
    const std::string after_key = basis_key(stage->after(), keys);
    const std::string key = stage_key(*stage, models, after_key, options_.decode);
    keys[stage->name()] = key;
    if (state_.is_done(stage->name(), key)) {
      report_.reused.push_back(stage->name());
    } else {
      jobs_.push_back(job_of(*stage, key, after_key, std::move(models)));
      if (jobs_.back().resume) report_.resumed.push_back(stage->name());
    }
  }
  return {};
}

Status VideoRun::file_facts(const media::DecodePass& pass, bool has_decoded_pictures) {
  // A pass over the sound alone knows less than an earlier one over both.
  if (state_.facts && state_.facts->picture && state_.facts->picture->frame_count > 0 && !has_decoded_pictures) {
    return {};
  }
  const results::VideoFacts facts = video_facts(file_, media_, pass, options_.decode, has_decoded_pictures);
  return journal_->append({"facts", "", results::video_facts_json(facts)});
}

/// Where the scenes are not found now, their cuts are known from before, or there are none.
Status VideoRun::prepare_boundaries() {
  const bool is_running =
      std::any_of(jobs_.begin(), jobs_.end(), [](const StageJob& job) { return job.stage->name() == "scenes"; });
  if (is_running) return {};
  UnitCursor scenes(journal_->path(), "scenes", state_.finished("scenes"));
  std::vector<Timestamp> cuts;
  std::optional<Timestamp> end;
  for (bool is_first = true;; is_first = false) {
    CINESCRIBE_ASSIGN(const std::optional<std::string> unit, scenes.next());
    if (!unit) break;
    CINESCRIBE_ASSIGN(const results::SceneRecord scene, results::scene_from_json(*unit));
    if (!is_first) cuts.push_back(scene.range.start);
    end = scene.range.end;
  }
  boundaries_.settle(cuts, Timestamp::from_ns(std::numeric_limits<std::int64_t>::max()));
  boundaries_.complete(end);
  return {};
}

Status VideoRun::compute() {
  if (!pass_) {
    CINESCRIBE_ASSIGN(pass_, open_pass_(file_, options_.decode));
  }
  // base_data.json stands for finished work; from here on the folder is in the making.
  CINESCRIBE_TRY(remove_result_files(report_.folder, ResultRemoval::kMain));
  StageContext context;
  context.file = file_;
  context.folder = report_.folder;
  context.info = &pass_->info();
  context.boundaries = &boundaries_;
  context.quota = options_.quota;
  CINESCRIBE_TRY(prepare_boundaries());
  StageGraph graph(context, *journal_, listener_);
  bool wants_frames = false;
  bool wants_sound = false;
  for (StageJob& job : jobs_) {
    wants_frames = wants_frames || (job.stage->feed() == Feed::kFrames && pass_->has_video());
    wants_sound = wants_sound || (job.stage->feed() == Feed::kSound && pass_->has_audio());
    graph.add(std::move(job), *pass_);
  }
  jobs_.clear();
  const bool is_fed = wants_frames || wants_sound;
  if (!is_fed && !state_.facts) CINESCRIBE_TRY(file_facts(*pass_, false));
  return graph.run(
      is_fed ? pass_.get() : nullptr, [&] { return file_facts(*pass_, wants_frames); }, stop_);
}

Status VideoRun::write_files() {
  CINESCRIBE_ASSIGN(state_, read_journal(journal_->path()));
  // The files tell what the journal tells, in other words: about as many bytes. What they really have is told after.
  const std::uint64_t estimate = journal_->size_bytes();
  if (options_.quota != nullptr) CINESCRIBE_TRY(options_.quota->take(estimate));
  CINESCRIBE_ASSIGN(report_.totals, write_result_files(report_.folder, state_));
  if (options_.quota != nullptr) {
    options_.quota->give_back(estimate);
    CINESCRIBE_TRY(options_.quota->take(result_file_bytes(report_.folder)));
  }
  return journal_->append({"written", "",
                           Json({{"key", written_key(state_)},
                                 {"scenes", report_.totals.scenes},
                                 {"segments", report_.totals.segments},
                                 {"words", report_.totals.words},
                                 {"sounds", report_.totals.sounds},
                                 {"tracks", report_.totals.tracks}})
                               .dump()});
}

Result<VideoReport> VideoRun::run(const OutputFolder& output, const std::vector<std::unique_ptr<Stage>>& stages) {
  CINESCRIBE_TRY(open_journal(output));
  CINESCRIBE_TRY(plan(stages));
  report_.was_done = jobs_.empty() && state_.facts && state_.written_key == written_key(state_) &&
                     has_result_files(report_.folder, state_);
  if (report_.was_done) {
    report_.totals = state_.written_totals;
  } else {
    if (options_.quota != nullptr) options_.quota->give_back(result_file_bytes(report_.folder));
    if (!jobs_.empty()) CINESCRIBE_TRY(compute());
    CINESCRIBE_TRY(write_files());
  }
  report_.length = state_.facts->duration;
  report_.wall_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  return report_;
}

}  // namespace

Result<VideoReport> run_video(const fs::path& file, const OutputFolder& output,
                              const std::vector<std::unique_ptr<Stage>>& stages, const VideoRunOptions& options,
                              ProgressListener& listener, const std::stop_token& stop, const OpenPass& open_pass) {
  VideoRun run(file, options, listener, stop, open_pass);
  return run.run(output, stages);
}

}  // namespace cinescribe::pipeline
