#include "cinescribe/pipeline/video_captions.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <mutex>
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
  Duration length;       ///< Of these scenes.
  std::int64_t end = 0;  ///< Above the highest number of a scene.
  std::string sha256;
};

Result<Basis> read_basis(const fs::path& base_data, bool has_context, std::int64_t most_scenes) {
  Basis basis;
  auto data = results::read_base_data(base_data, [&](results::SceneRecord&& scene) -> Status {
    if (most_scenes > 0 && basis.scenes == most_scenes) return {};
    ++basis.scenes;
    basis.length = basis.length + scene.range.length();
    basis.end = std::max(basis.end, scene.scene_index + 1);
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

class JournaledCaptions final : public VideoCaptions {
 public:
  JournaledCaptions(fs::path base, fs::path folder, const CaptionerSource& captioner, const CaptionRunOptions& options,
                    ProgressListener& listener, const std::stop_token& stop)
      : base_(std::move(base)),
        folder_(std::move(folder)),
        captioner_(captioner),
        options_(options),
        listener_(listener),
        pass_on_(stop, [this] { halt_.request_stop(); }) {}

  Status open() override;
  [[nodiscard]] bool is_described() const override { return described_before() == basis_.scenes; }
  [[nodiscard]] std::int64_t scenes() const override { return basis_.end; }
  Status begin() override;
  [[nodiscard]] CaptionForecast forecast() const override;
  Status describe(captions::Captioner& captioner, const ScenePart& part) override;
  Result<CaptionReport> finish(const Status& status) override;

 private:
  /// A part that is being described, by one thread.
  struct OpenPart {
    const ScenePart& part;
    std::unique_ptr<SceneFeed> feed;
    bool is_over = false;                                    ///< The rest belongs to others.
    std::map<std::int64_t, results::CaptionRecord> pending;  ///< Described right now.
  };

  [[nodiscard]] bool needs_frames() const { return captioner_.facts.needs_frames; }
  [[nodiscard]] bool uses_context() const { return !needs_frames() || options_.context.any(); }
  Status prepare();
  Status find_video();
  Status open_journal();
  std::optional<captions::CaptionRequest> next_request(OpenPart& part);
  captions::CaptionRequest request_for(FedScene&& scene, OpenPart& part);
  void take(captions::CaptionOutcome&& outcome, OpenPart& part);
  void file(results::CaptionRecord&& record);
  /// Scenes of earlier runs that need not be described again.
  [[nodiscard]] std::int64_t described_before() const {
    return static_cast<std::int64_t>(state_.units.size() - state_.lost.size());
  }
  void start_clock();
  Status write();

  const fs::path base_;
  const fs::path folder_;
  const CaptionerSource& captioner_;
  const CaptionRunOptions& options_;
  ProgressListener& listener_;
  const Clock::time_point started_ = Clock::now();
  Basis basis_;
  results::CaptionHeader header_;
  std::string key_;
  fs::path video_;
  std::unique_ptr<Journal> journal_;
  CaptionJournalState state_;
  CaptionReport report_;
  bool has_begun_ = false;
  std::stop_source halt_;
  std::stop_callback<std::function<void()>> pass_on_;
  std::mutex filing_;  ///< Protects what follows.
  bool has_started_ = false;
  Clock::time_point last_finished_;
  Duration described_;
  std::optional<Error> failure_;  ///< Of the journal; ends the run.
};

Status JournaledCaptions::prepare() {
  CINESCRIBE_ASSIGN(basis_, read_basis(base_ / "base_data.json", uses_context(), options_.most_scenes));
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

Status JournaledCaptions::find_video() {
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

Status JournaledCaptions::open_journal() {
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

captions::CaptionRequest JournaledCaptions::request_for(FedScene&& scene, OpenPart& part) {
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
  part.pending[scene.scene_index] = std::move(record);
  return request;
}

std::optional<captions::CaptionRequest> JournaledCaptions::next_request(OpenPart& part) {
  while (std::optional<FedScene> scene = part.is_over ? std::nullopt : part.feed->next()) {
    if (part.part.claim && !part.part.claim(scene->scene_index)) {
      part.is_over = true;
      return std::nullopt;
    }
    if (scene->status.ok()) return request_for(std::move(*scene), part);
    const Error& error = scene->status.error();
    results::CaptionRecord record;
    record.scene_index = scene->scene_index;
    record.range = scene->range;
    record.failure = results::CaptionFailure{error_code_name(error.code), error.message};
    file(std::move(record));
  }
  return std::nullopt;
}

void JournaledCaptions::take(captions::CaptionOutcome&& outcome, OpenPart& part) {
  const auto found = part.pending.find(outcome.id);
  if (found == part.pending.end()) return;
  results::CaptionRecord record = std::move(found->second);
  part.pending.erase(found);
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

void JournaledCaptions::file(results::CaptionRecord&& record) {
  const std::lock_guard lock(filing_);
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

CaptionForecast JournaledCaptions::forecast() const {
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

Status JournaledCaptions::begin() {
  if (has_begun_) {
    state_ = read_caption_journal(journal_->path());
    return {};
  }
  has_begun_ = true;
  return find_video();
}

/// The time at work begins when a captioner is there.
void JournaledCaptions::start_clock() {
  const std::lock_guard lock(filing_);
  if (std::exchange(has_started_, true)) return;
  listener_.stage_started(captioner_.facts.name, options_.most_scenes > 0 ? basis_.length : basis_.data.video.duration);
  last_finished_ = Clock::now();
}

Status JournaledCaptions::describe(captions::Captioner& captioner, const ScenePart& part) {
  FeedOptions feed_options;
  feed_options.base_data = base_ / "base_data.json";
  feed_options.video = video_;
  for (const auto& [index, offset] : state_.units) {
    if (!state_.lost.contains(index)) feed_options.done.insert(index);
  }
  feed_options.first = part.first;
  feed_options.end = std::min(part.end, basis_.end);
  feed_options.choice = options_.choice;
  feed_options.short_side_px = options_.short_side_px;
  feed_options.decode = options_.decode;
  start_clock();
  OpenPart open{part, SceneFeed::start(std::move(feed_options), halt_.get_token()), false, {}};
  const captions::CaptionerWork before = captioner.work_so_far();
  Status status =
      captioner.run([&] { return next_request(open); },
                    [&](captions::CaptionOutcome outcome) { take(std::move(outcome), open); }, halt_.get_token());
  if (status.ok() && !open.is_over) status = open.feed->status();
  const captions::CaptionerWork after = captioner.work_so_far();
  const std::lock_guard lock(filing_);
  report_.work.prompt_tokens += after.prompt_tokens - before.prompt_tokens;
  report_.work.shared_prefix_tokens += after.shared_prefix_tokens - before.shared_prefix_tokens;
  return failure_ ? Status(*failure_) : status;
}

Status JournaledCaptions::write() {
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

Status JournaledCaptions::open() {
  CINESCRIBE_TRY(prepare());
  CINESCRIBE_TRY(open_journal());
  report_.reused = described_before();
  std::error_code ignored;
  report_.was_done = is_described() && state_.written_key == key_ && fs::is_regular_file(report_.file, ignored);
  return {};
}

Result<CaptionReport> JournaledCaptions::finish(const Status& status) {
  if (has_started_) listener_.stage_ended(captioner_.facts.name, status);
  CINESCRIBE_TRY(status);
  if (report_.was_done) {
    report_.totals = state_.written_totals;
  } else {
    CINESCRIBE_TRY(write());
  }
  report_.wall_seconds = seconds_since(started_);
  return report_;
}

}  // namespace

std::unique_ptr<VideoCaptions> VideoCaptions::make(const fs::path& base, const fs::path& folder,
                                                   const CaptionerSource& captioner, const CaptionRunOptions& options,
                                                   ProgressListener& listener, const std::stop_token& stop) {
  return std::make_unique<JournaledCaptions>(base, folder, captioner, options, listener, stop);
}

}  // namespace cinescribe::pipeline
