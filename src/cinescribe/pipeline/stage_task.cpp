#include "cinescribe/pipeline/stage_task.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

namespace cinescribe::pipeline {

namespace {

using Json = nlohmann::ordered_json;

/// A killed run loses at most so much of the time that it took.
constexpr auto kSpentInterval = std::chrono::seconds(2);

double seconds(std::chrono::steady_clock::duration span) { return std::chrono::duration<double>(span).count(); }

}  // namespace

void StageTask::report(const Status& status) {
  if (is_announced_) listener_.stage_ended(name_, status);
}

Status StageTask::begin(StageContext context, bool has_food) {
  started_ = Clock::now();
  spent_filed_ = started_;
  is_announced_ = has_food;
  if (is_announced_) listener_.stage_started(name_, context.info->duration());
  context.output = this;
  context.resume = job_.resume;
  if (job_.resume) {
    CINESCRIBE_TRY(note("resume", Json({{"units", job_.resume->units}}).dump()));
  } else {
    CINESCRIBE_TRY(file_begin());
  }
  CINESCRIBE_ASSIGN(run_, job_.stage->start(context));
  if (is_announced_) listener_.stage_ready(name_);
  busy_ns_ += std::chrono::nanoseconds(Clock::now() - started_).count();
  return {};
}

Status StageTask::file_begin() {
  Json models = Json::array();
  for (const auto& model : job_.models) models.push_back({{"name", model.name}, {"sha256", model.sha256}});
  const Json data = {{"key", job_.key},
                     {"after", job_.after_key},
                     {"after_stage", job_.stage->after()},
                     {"settings", Json::parse(job_.stage->settings_json(), nullptr, false)},
                     {"models", std::move(models)}};
  return note("begin", data.dump(-1, ' ', false, Json::error_handler_t::replace));
}

double StageTask::wall_seconds() const { return job_.spent.wall_seconds + seconds(Clock::now() - started_); }

double StageTask::busy_seconds() const {
  return job_.spent.busy_seconds + seconds(std::chrono::nanoseconds(busy_ns_.load()));
}

Status StageTask::take(const VideoFrame& frame) {
  CINESCRIBE_TRY(run_->push_frame(frame));
  end_.frames = frame.index + 1;
  end_.time = frame.time + frame.duration;
  moved(frame.time);
  return {};
}

Status StageTask::take(const AudioBlock& block) {
  CINESCRIBE_TRY(run_->push_sound(block));
  const auto samples = block.first_sample + static_cast<std::int64_t>(block.view().size());
  end_.time = Timestamp::from_ticks(samples, {1, kAudioRateHz});
  return {};
}

Status StageTask::take(const SettledScene& scene) {
  CINESCRIBE_TRY(run_->push_scene(scene));
  end_.time = scene.range.end;
  moved(end_.time);
  return {};
}

template <typename T>
Status StageTask::drain(media::Source<T>& source, const std::stop_token& stop) {
  while (std::optional<T> item = source.pop(stop)) {
    const auto before = Clock::now();
    Status status = take(*item);
    busy_ns_ += std::chrono::nanoseconds(Clock::now() - before).count();
    if (!status.ok()) {
      source.cancel();
      return status;
    }
  }
  return {};
}

template Status StageTask::drain(media::Source<VideoFrame>&, const std::stop_token&);
template Status StageTask::drain(media::Source<AudioBlock>&, const std::stop_token&);
template Status StageTask::drain(media::Source<SettledScene>&, const std::stop_token&);

Status StageTask::finish() {
  const auto before = Clock::now();
  CINESCRIBE_TRY(run_->finish(end_));
  busy_ns_ += std::chrono::nanoseconds(Clock::now() - before).count();
  run_.reset();
  const Timestamp media = std::max(end_.time, Timestamp::from_ns(moved_ns_));
  const Json data = {
      {"wall_seconds", wall_seconds()}, {"busy_seconds", busy_seconds()}, {"media_seconds", media.seconds()}};
  return note("end", data.dump());
}

Status StageTask::unit(std::string_view json) {
  CINESCRIBE_TRY(note("unit", json));
  return job_.stage->can_resume() ? file_time_spent() : Status();
}

Status StageTask::file_time_spent() {
  {
    const std::lock_guard lock(spent_mutex_);
    if (Clock::now() - spent_filed_ < kSpentInterval) return {};
    spent_filed_ = Clock::now();
  }
  return note("spent", Json({{"wall_seconds", wall_seconds()}, {"busy_seconds", busy_seconds()}}).dump());
}

Status StageTask::note(std::string_view type, std::string_view json) {
  return journal_.append({std::string(type), name_, std::string(json)});
}

void StageTask::moved(Timestamp media_time) {
  moved_ns_ = std::max<std::int64_t>(moved_ns_, media_time.ns());
  if (is_announced_) listener_.stage_moved(name_, media_time);
}

}  // namespace cinescribe::pipeline
