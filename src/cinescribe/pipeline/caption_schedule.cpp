#include "cinescribe/pipeline/caption_schedule.h"

#include <algorithm>

namespace cinescribe::pipeline {

CaptionSchedule::CaptionSchedule(std::size_t videos, std::size_t workers, std::int64_t least_share)
    : least_share_(std::max<std::int64_t>(1, least_share)), videos_(videos), workers_(workers) {}

std::optional<CaptionSchedule::Task> CaptionSchedule::begin_video() {
  for (std::size_t i = 0; i < videos_.size(); ++i) {
    Video& video = videos_[i];
    if (video.state != State::kWaiting) continue;
    video = {State::kOpening, {{}}, 1, false};
    return Task{i, 0, true};
  }
  return std::nullopt;
}

std::optional<CaptionSchedule::Task> CaptionSchedule::join_video() {
  Video* slowest = nullptr;
  std::size_t slowest_part = 0;
  std::int64_t most = 2 * least_share_ - 1;
  for (Video& video : videos_) {
    if (video.state != State::kOpen) continue;
    for (std::size_t i = 0; i < video.parts.size(); ++i) {
      const std::int64_t left = video.parts[i].end - video.parts[i].cursor;
      if (left <= most) continue;
      most = left;
      slowest = &video;
      slowest_part = i;
    }
  }
  if (slowest == nullptr) return std::nullopt;
  Part& part = slowest->parts[slowest_part];
  const std::int64_t middle = part.cursor + (part.end - part.cursor + 1) / 2;
  const Part upper{middle, part.end};
  part.end = middle;
  slowest->parts.push_back(upper);
  ++slowest->working;
  return Task{static_cast<std::size_t>(slowest - videos_.data()), slowest->parts.size() - 1, false};
}

std::optional<CaptionSchedule::Task> CaptionSchedule::next(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (auto task = begin_video()) return task;
    if (auto task = join_video()) return task;
    const bool is_over =
        std::all_of(videos_.begin(), videos_.end(), [](const Video& video) { return video.state == State::kFinished; });
    if (is_over) return std::nullopt;
    bool has_changed = false;  // any wake-up is worth another look
    changed_.wait(lock, stop, [&has_changed] { return std::exchange(has_changed, true); });
  }
  return std::nullopt;
}

void CaptionSchedule::opened(const Task& task, std::int64_t scenes) {
  {
    const std::lock_guard lock(mutex_);
    Video& video = videos_[task.video];
    video.state = State::kOpen;
    video.parts[task.part] = {0, scenes};
  }
  changed_.notify_all();
}

std::pair<std::int64_t, std::int64_t> CaptionSchedule::range(const Task& task) const {
  const std::lock_guard lock(mutex_);
  const Part& part = videos_[task.video].parts[task.part];
  return {part.cursor, part.end};
}

bool CaptionSchedule::claim(const Task& task, std::int64_t scene) {
  const std::lock_guard lock(mutex_);
  Part& part = videos_[task.video].parts[task.part];
  if (scene >= part.end) return false;
  part.cursor = scene + 1;
  return true;
}

bool CaptionSchedule::done(const Task& task, bool is_worker_lost) {
  bool is_last = false;
  {
    const std::lock_guard lock(mutex_);
    Video& video = videos_[task.video];
    Part& part = video.parts[task.part];
    part.cursor = part.end;  // what it leaves is dealt out when the video is opened again
    video.has_lost = video.has_lost || is_worker_lost;
    if (is_worker_lost) --workers_;
    if (--video.working == 0) {
      is_last = !video.has_lost || workers_ == 0;
      video.state = is_last ? State::kFinished : State::kWaiting;
    }
  }
  changed_.notify_all();
  return is_last;
}

}  // namespace cinescribe::pipeline
