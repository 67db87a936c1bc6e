#include "cinescribe/pipeline/caption_run.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

#include "cinescribe/captions/frame_thinning.h"
#include "cinescribe/captions/suspect.h"
#include "cinescribe/pipeline/caption_journal.h"
#include "cinescribe/pipeline/caption_settings.h"
#include "cinescribe/pipeline/journal.h"
#include "cinescribe/pipeline/journal_state.h"
#include "cinescribe/pipeline/media_identity.h"
#include "cinescribe/pipeline/result_files.h"
#include "cinescribe/pipeline/scene_feed.h"
#include "cinescribe/results/base_data_reader.h"
#include "cinescribe/results/caption_json.h"
#include "cinescribe/results/caption_writer.h"
#include "cinescribe/results/record_json.h"

namespace cinescribe::pipeline {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

constexpr const char* kFileName = "vlm_captions.json";

double seconds_since(Clock::time_point then) { return std::chrono::duration<double>(Clock::now() - then).count(); }

/// What stage 1 knows of the video, and a hash over what the captioner is to use of its scenes.
struct Basis {
  results::BaseData data;
  std::int64_t scenes = 0;
  std::string sha256;
};

Result<Basis> read_basis(const fs::path& base_data, bool has_context) {
  Basis basis;
  auto data = results::read_base_data(base_data, [&](results::SceneRecord&& scene) -> Status {
    ++basis.scenes;
    std::string text = std::to_string(scene.scene_index) + " " + std::to_string(scene.range.start.ns()) + " " +
                       std::to_string(scene.range.end.ns()) + "\n";
    if (has_context) {
      scene.frame_files.clear();
      text += results::scene_json(scene);
    }
    basis.sha256 = sha256_hex(basis.sha256 + text);
    return {};
  });
  CINESCRIBE_TRY(data);
  basis.data = *std::move(data);
  return basis;
}

std::optional<double> average_logprob(const language::Sequence& sequence) {
  if (sequence.logprobs.empty()) return std::nullopt;
  double sum = 0.0;
  for (const float logprob : sequence.logprobs) sum += static_cast<double>(logprob);
  const double rounded = std::round(sum / static_cast<double>(sequence.logprobs.size()) * 100.0) / 100.0;
  return rounded == 0.0 ? 0.0 : rounded;  // never "-0.0"
}

/// Those that the captioner looked at.
std::vector<results::CaptionFrame> kept_frames(std::vector<results::CaptionFrame> given, int used) {
  const auto kept = static_cast<std::size_t>(std::max(0, used));
  if (kept >= given.size()) return given;
  std::vector<results::CaptionFrame> frames;
  for (std::size_t i = 0; i < kept; ++i) frames.push_back(given[captions::kept_frame(i, given.size(), kept)]);
  return frames;
}

class CaptionRun {
 public:
  CaptionRun(fs::path base, fs::path folder, const CaptionerSource& captioner, const CaptionRunOptions& options,
             ProgressListener& listener, std::stop_token stop, const ForecastListener& forecast)
      : base_(std::move(base)),
        folder_(std::move(folder)),
        captioner_(captioner),
        options_(options),
        listener_(listener),
        stop_(std::move(stop)),
        forecast_(forecast) {}

  Result<CaptionReport> run();

 private:
  [[nodiscard]] bool needs_frames() const { return captioner_.facts.needs_frames; }
  [[nodiscard]] bool uses_context() const { return !needs_frames() || options_.context.any(); }
  Status prepare();
  Status find_video();
  Status open_journal();
  Status describe();
  std::optional<captions::CaptionRequest> next_request(SceneFeed& feed);
  captions::CaptionRequest request_for(FedScene&& scene);
  void take(captions::CaptionOutcome&& outcome);
  void file(results::CaptionRecord&& record);
  [[nodiscard]] CaptionForecast forecast() const;
  /// Scenes of earlier runs that need not be described again.
  [[nodiscard]] std::int64_t described_before() const {
    return static_cast<std::int64_t>(state_.units.size() - state_.lost.size());
  }
  Status write();

  const fs::path base_;
  const fs::path folder_;
  const CaptionerSource& captioner_;
  const CaptionRunOptions& options_;
  ProgressListener& listener_;
  const std::stop_token stop_;
  const ForecastListener& forecast_;
  const Clock::time_point started_ = Clock::now();
  Basis basis_;
  results::CaptionHeader header_;
  std::string key_;
  fs::path video_;
  std::unique_ptr<Journal> journal_;
  CaptionJournalState state_;
  std::map<std::int64_t, results::CaptionRecord> pending_;  ///< Described right now.
  Clock::time_point last_finished_;
  Duration described_;
  std::stop_source halt_;
  std::optional<Error> failure_;  ///< Of the journal; ends the run.
  CaptionReport report_;
};

Status CaptionRun::prepare() {
  CINESCRIBE_ASSIGN(basis_, read_basis(base_ / "base_data.json", uses_context()));
  const results::VideoFacts& video = basis_.data.video;
  if (needs_frames() && !video.picture) {
    return Error{ErrorCode::kInput, video.file_name + " has no pictures to describe; --captioner narrator makes " +
                                        "sentences of what is heard"};
  }
  header_.file_name = video.file_name;
  header_.fingerprint = video.fingerprint;
  header_.duration = video.duration;
  const captions::CaptionerFacts& facts = captioner_.facts;
  header_.captioner = {facts.name, facts.family, facts.needs_frames, facts.type, facts.checksum, facts.is_synthetic};
  header_.scenes_sha256 = basis_.sha256;
  header_.settings_json = caption_settings_json(captioner_, options_);
  if (needs_frames()) {
    header_.prompt = options_.prompt;
    header_.prompt_sha256 = sha256_hex(options_.prompt);
  }
  const std::string settings = facts.family + "\n" + facts.type + "\n" + facts.checksum + "\n" + header_.settings_json;
  const std::string made_from = header_.prompt + "\n" + header_.fingerprint + "\n" + header_.scenes_sha256;
  key_ = sha256_hex(settings + "\n" + made_from).substr(0, 16);
  report_.file = folder_ / kFileName;
  report_.video = video.file_name;
  report_.length = video.duration;
  return {};
}

Status CaptionRun::find_video() {
  if (!needs_frames()) return {};
  video_ = options_.video;
  std::error_code ignored;
  if (video_.empty()) {
    CINESCRIBE_ASSIGN(const JournalState stage1, read_journal(base_ / "journal.jsonl"));
    if (stage1.media) video_ = stage1.media->source;
    if (video_.empty() || !fs::exists(video_, ignored)) {
      return Error{ErrorCode::kInput, "the video " + (video_.empty() ? header_.file_name : video_.string()) +
                                          " is not there any more; say where it lies with --video"};
    }
  } else if (fs::is_directory(video_, ignored)) {
    video_ /= header_.file_name;
  }
  CINESCRIBE_ASSIGN(const MediaIdentity media, identify(video_));
  if (media.fingerprint == header_.fingerprint) return {};
  return Error{ErrorCode::kInput, video_.string() + " is another video than the one in " + base_.string() +
                                      "; analyse it again, or say where the right one lies with --video"};
}

Status CaptionRun::open_journal() {
  CINESCRIBE_ASSIGN(Journal journal, Journal::open(folder_ / "journal.jsonl"));
  journal_ = std::make_unique<Journal>(std::move(journal));
  remove_unfinished_files(folder_);
  state_ = read_caption_journal(journal_->path());
  if (state_.key == key_ && !options_.is_forced) return {};
  state_ = {};
  std::error_code ignored;
  fs::remove(report_.file, ignored);
  CINESCRIBE_TRY(journal_->clear());
  const Json data = {{"key", key_},
                     {"captioner", captioner_.facts.name},
                     {"settings", Json::parse(header_.settings_json, nullptr, false)}};
  return journal_->append({"begin", kCaptionStage, data.dump(-1, ' ', false, Json::error_handler_t::replace)});
}

captions::CaptionRequest CaptionRun::request_for(FedScene&& scene) {
  captions::CaptionRequest request;
  request.id = scene.scene_index;
  if (needs_frames()) request.prompt = captions::context_lines(scene.context, options_.context) + options_.prompt;
  results::CaptionRecord record;
  record.scene_index = scene.scene_index;
  record.range = scene.range;
  record.frames_given = static_cast<int>(scene.frames.size());
  record.frames = std::move(scene.facts);
  if (!request.prompt.empty()) record.prompt_sha256 = sha256_hex(request.prompt);
  for (const results::CaptionFrame& frame : record.frames) request.frame_times.push_back(frame.time);
  request.frames = std::move(scene.frames);
  request.context = std::move(scene.context);
  request.generation = options_.generation;
  pending_[scene.scene_index] = std::move(record);
  return request;
}

std::optional<captions::CaptionRequest> CaptionRun::next_request(SceneFeed& feed) {
  while (std::optional<FedScene> scene = feed.next()) {
    if (scene->status.ok()) return request_for(std::move(*scene));
    const Error& error = scene->status.error();
    results::CaptionRecord record;
    record.scene_index = scene->scene_index;
    record.range = scene->range;
    record.failure = results::CaptionFailure{error_code_name(error.code), error.message};
    file(std::move(record));
  }
  return std::nullopt;
}

void CaptionRun::take(captions::CaptionOutcome&& outcome) {
  const auto found = pending_.find(outcome.id);
  if (found == pending_.end()) return;
  results::CaptionRecord record = std::move(found->second);
  pending_.erase(found);
  if (!outcome.caption.ok()) {
    const Error& error = outcome.caption.error();
    if (error.code == ErrorCode::kInterrupted) return;  // to be described by the next run
    record.failure = results::CaptionFailure{error_code_name(error.code), error.message, std::move(outcome.lost_to)};
    record.cost.attempts = outcome.attempts;
    return file(std::move(record));
  }
  captions::Caption caption = *std::move(outcome.caption);
  record.caption = std::move(caption.text);
  record.prompt_tokens = caption.prompt_tokens;
  record.image_tokens = caption.image_tokens;
  if (!caption.sequences.empty()) {
    const language::Sequence& best = caption.sequences.front();
    record.generated_tokens = caption.new_tokens > 0 ? caption.new_tokens : static_cast<int>(best.ids.size());
    record.finish_reason = language::finish_reason_name(best.finish);
    record.average_logprob = average_logprob(best);
  }
  record.suspect = std::move(caption.suspect);
  if (record.suspect.empty()) record.suspect = captions::suspect_reason(record.caption);
  record.is_over_context = caption.is_over_context;
  record.frames_used = std::min(caption.frames_used, record.frames_given);
  record.frames = kept_frames(std::move(record.frames), record.frames_used);
  const captions::CaptionTimings& timings = caption.timings;
  record.cost = {0.0,
                 timings.preprocess_seconds,
                 timings.encode_seconds,
                 timings.prefill_seconds,
                 timings.decode_seconds,
                 outcome.attempts};
  file(std::move(record));
}

void CaptionRun::file(results::CaptionRecord&& record) {
  if (failure_) return;
  record.cost.elapsed_seconds = seconds_since(last_finished_);
  last_finished_ = Clock::now();
  const Status status = journal_->append({"unit", kCaptionStage, results::caption_json(record)});
  if (!status.ok()) {
    failure_ = status.error();
    halt_.request_stop();
    return;
  }
  described_ = described_ + record.range.length();
  listener_.stage_moved(captioner_.facts.name, Timestamp() + described_);
}

CaptionForecast CaptionRun::forecast() const {
  CaptionForecast forecast;
  forecast.scenes = basis_.scenes - described_before();
  if (!needs_frames()) return forecast;
  const results::PictureFacts& picture = *basis_.data.video.picture;
  forecast.frame_width = picture.width;
  forecast.frame_height = picture.height;
  const int short_side = std::min(picture.width, picture.height);
  if (options_.short_side_px > 0 && short_side > 0) {
    const double scale = static_cast<double>(options_.short_side_px) / static_cast<double>(short_side);
    forecast.frame_width = static_cast<int>(std::lround(scale * picture.width));
    forecast.frame_height = static_cast<int>(std::lround(scale * picture.height));
  }
  return forecast;
}

Status CaptionRun::describe() {
  CINESCRIBE_TRY(find_video());
  CINESCRIBE_ASSIGN(captions::Captioner* const captioner, captioner_.load(stop_));
  if (forecast_) CINESCRIBE_TRY(forecast_(*captioner, forecast()));
  FeedOptions feed_options;
  feed_options.base_data = base_ / "base_data.json";
  feed_options.video = video_;
  for (const auto& [index, offset] : state_.units) {
    if (!state_.lost.contains(index)) feed_options.done.insert(index);
  }
  feed_options.choice = options_.choice;
  feed_options.short_side_px = options_.short_side_px;
  feed_options.decode = options_.decode;
  const std::stop_callback pass_on(stop_, [this] { halt_.request_stop(); });
  listener_.stage_started(captioner_.facts.name, basis_.data.video.duration);
  last_finished_ = Clock::now();
  const captions::CaptionerWork before = captioner->work_so_far();
  const auto feed = SceneFeed::start(std::move(feed_options), halt_.get_token());
  Status status =
      captioner->run([&] { return next_request(*feed); },
                     [this](captions::CaptionOutcome outcome) { take(std::move(outcome)); }, halt_.get_token());
  const captions::CaptionerWork after = captioner->work_so_far();
  report_.work = {after.prompt_tokens - before.prompt_tokens, after.shared_prefix_tokens - before.shared_prefix_tokens};
  if (status.ok()) status = feed->status();
  if (failure_) status = *failure_;
  listener_.stage_ended(captioner_.facts.name, status);
  return status;
}

Status CaptionRun::write() {
  state_ = read_caption_journal(journal_->path());
  if (static_cast<std::int64_t>(state_.units.size()) != basis_.scenes) {
    return Error{ErrorCode::kInternal, "the captioner '" + captioner_.facts.name + "' left out " +
                                           std::to_string(basis_.scenes) + " - " + std::to_string(state_.units.size()) +
                                           " scenes of " + header_.file_name};
  }
  CINESCRIBE_ASSIGN(auto writer, results::CaptionWriter::create(report_.file, header_));
  for (const auto& [index, offset] : state_.units) {
    CINESCRIBE_ASSIGN(const results::CaptionRecord record, read_caption_unit(journal_->path(), offset));
    if (record.failure && !report_.first_failure) report_.first_failure = record.failure;
    CINESCRIBE_TRY(writer.caption(record));
  }
  CINESCRIBE_TRY(writer.finish());
  report_.totals = writer.totals();
  return journal_->append({"written", kCaptionStage,
                           Json({{"key", key_},
                                 {"scenes", report_.totals.scenes},
                                 {"captions", report_.totals.captions},
                                 {"failures", report_.totals.failures},
                                 {"suspects", report_.totals.suspects},
                                 {"prompt_tokens", report_.totals.prompt_tokens},
                                 {"generated_tokens", report_.totals.generated_tokens}})
                               .dump()});
}

Result<CaptionReport> CaptionRun::run() {
  CINESCRIBE_TRY(prepare());
  CINESCRIBE_TRY(open_journal());
  report_.reused = described_before();
  const bool is_complete = report_.reused == basis_.scenes;
  std::error_code ignored;
  report_.was_done = is_complete && state_.written_key == key_ && fs::is_regular_file(report_.file, ignored);
  if (report_.was_done) {
    report_.totals = state_.written_totals;
  } else {
    if (!is_complete) CINESCRIBE_TRY(describe());
    CINESCRIBE_TRY(write());
  }
  report_.wall_seconds = seconds_since(started_);
  return report_;
}

}  // namespace

Result<CaptionReport> caption_video(const fs::path& base, const fs::path& folder, const CaptionerSource& captioner,
                                    const CaptionRunOptions& options, ProgressListener& listener,
                                    const std::stop_token& stop, const ForecastListener& forecast) {
  CaptionRun run(base, folder, captioner, options, listener, stop, forecast);
  return run.run();
}

}  // namespace cinescribe::pipeline
