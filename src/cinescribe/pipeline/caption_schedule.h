#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

namespace cinescribe::pipeline {

/// Deals videos out to workers (devices), and ranges of scenes where a video is long and a worker has nothing to do:
/// it takes over the upper half of what the slowest part still has before it. A video whose worker was lost is dealt
/// out again for what is left of it. Thread-safe.
class CaptionSchedule {
 public:
  /// What a worker is to do next.
  struct Task {
    std::size_t video = 0;
    std::size_t part = 0;
    bool is_first = false;  ///< It opens the video; others join when `opened` was called.
  };

  /// A part is divided only while it has `least_share` scenes for each of the two.
  CaptionSchedule(std::size_t videos, std::size_t workers, std::int64_t least_share);

  /// Waits for something to do; nothing when all videos are finished, or on a stop.
  std::optional<Task> next(const std::stop_token& stop);
  /// The video has scenes 0 to `scenes` - 1 to deal out. Called by the worker that opened it.
  void opened(const Task& task, std::int64_t scenes);
  /// The scenes of a task as they are now, half-open.
  [[nodiscard]] std::pair<std::int64_t, std::int64_t> range(const Task& task) const;
  /// Claims a scene, in rising order; false when it belongs to another task.
  bool claim(const Task& task, std::int64_t scene);
  /// A task has ended; a worker that was lost asks for no other. True for the last one of its video, which nobody works
  /// on any more: the caller finishes the video. False while others are at it, or will be.
  bool done(const Task& task, bool is_worker_lost);

 private:
  enum class State { kWaiting, kOpening, kOpen, kFinished };
  struct Part {
    std::int64_t cursor = 0;  ///< The next scene to be claimed.
    std::int64_t end = 0;
  };
  struct Video {
    State state = State::kWaiting;
    std::vector<Part> parts;
    int working = 0;
    bool has_lost = false;
  };

  std::optional<Task> begin_video();
  std::optional<Task> join_video();

  const std::int64_t least_share_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Video> videos_;
  std::size_t workers_;
};

}  // namespace cinescribe::pipeline
