#include "cinescribe/pipeline/caption_videos.h"

#include <exception>
#include <mutex>
#include <new>
#include <optional>
#include <thread>
#include <tuple>
#include <utility>

#include "cinescribe/pipeline/caption_schedule.h"
#include "cinescribe/pipeline/scene_part.h"
#include "cinescribe/pipeline/video_captions.h"

namespace cinescribe::pipeline {

namespace {

using Task = CaptionSchedule::Task;

/// Whether an error concerns this video alone, so that the others can go on.
bool is_of_one_video(ErrorCode code) { return code == ErrorCode::kInput || code == ErrorCode::kInternal; }

class Batch {
 public:
  Batch(const CaptionBatch& batch, const CaptionBatchListener& listener, const std::stop_token& stop)
      : batch_(batch),
        listener_(listener),
        schedule_(batch.videos.size(), batch.workers.size(), batch.least_share),
        videos_(batch.videos.size()),
        pass_on_(stop, [this] { halt_.request_stop(); }) {}

  Status run() {
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 1; i < batch_.workers.size(); ++i) threads.emplace_back([this, i] { work(i); });
      work(0);
    }
    if (fatal_) return *fatal_;
    if (halt_.stop_requested()) return Error{ErrorCode::kInterrupted, "stopped; finished captions are kept"};
    return workers_lost_ == batch_.workers.size() && lost_ ? Status(*lost_) : Status();
  }

 private:
  /// A video that is being described.
  struct OpenVideo {
    std::unique_ptr<ProgressListener> progress;
    std::unique_ptr<VideoCaptions> captions;
    Status status;  ///< What went wrong, first.
    bool is_forecast = false;
  };

  void work(std::size_t worker);
  Status take_part(const CaptionWorker& worker, const Task& task);
  Status open(const Task& task);
  Status describe(const CaptionWorker& worker, const Task& task);
  void finish(std::size_t video);
  void lose(const CaptionWorker& worker, const Error& error);
  void give_up(const Error& error);

  const CaptionBatch& batch_;
  const CaptionBatchListener& listener_;
  CaptionSchedule schedule_;
  std::vector<OpenVideo> videos_;  ///< Each belongs to its first worker until `opened`, then its parts share it.
  std::stop_source halt_;
  std::stop_callback<std::function<void()>> pass_on_;
  std::mutex mutex_;  ///< Protects what follows, `status` of videos, and the listener's reports.
  std::optional<Error> fatal_;
  std::optional<Error> lost_;
  std::size_t workers_lost_ = 0;
};

void Batch::give_up(const Error& error) {
  const std::lock_guard lock(mutex_);
  if (!fatal_) fatal_ = error;
  halt_.request_stop();
}

void Batch::lose(const CaptionWorker& worker, const Error& error) {
  const std::lock_guard lock(mutex_);
  if (!lost_) lost_ = error;
  ++workers_lost_;
  if (workers_lost_ < batch_.workers.size() && listener_.on_lost) listener_.on_lost(worker, error);
}

Status Batch::open(const Task& task) {
  OpenVideo& video = videos_[task.video];
  if (!video.captions) {
    const CaptionBatch::Video& files = batch_.videos[task.video];
    video.progress = listener_.progress_of ? listener_.progress_of(task.video) : std::make_unique<ProgressListener>();
    video.captions = VideoCaptions::make(files.base, files.folder, batch_.workers.front().source, batch_.options,
                                         *video.progress, halt_.get_token());
    if (const Status status = video.captions->open(); !status.ok()) {
      video.captions.reset();
      return status;
    }
  }
  return video.captions->is_described() ? Status() : video.captions->begin();
}

Status Batch::describe(const CaptionWorker& worker, const Task& task) {
  OpenVideo& video = videos_[task.video];
  CINESCRIBE_ASSIGN(captions::Captioner* const captioner, worker.source.load(halt_.get_token()));
  if (task.is_first) {
    if (listener_.forecast && !video.is_forecast) {
      CINESCRIBE_TRY(listener_.forecast(*captioner, video.captions->forecast()));
    }
    video.is_forecast = true;
    schedule_.opened(task, video.captions->scenes());
  }
  ScenePart part;
  std::tie(part.first, part.end) = schedule_.range(task);
  part.claim = [this, &task](std::int64_t scene) { return schedule_.claim(task, scene); };
  return video.captions->describe(*captioner, part);
}

Status Batch::take_part(const CaptionWorker& worker, const Task& task) {
  try {
    if (task.is_first) CINESCRIBE_TRY(open(task));
    if (task.is_first && videos_[task.video].captions->is_described()) return {};
    return describe(worker, task);
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::kResource, "out of memory; use a smaller model, fewer frames or a smaller --batch"};
  } catch (const std::exception& error) {
    return Error{ErrorCode::kInternal, std::string("captions failed: ") + error.what()};
  }
}

void Batch::finish(std::size_t index) {
  OpenVideo video;
  {
    const std::lock_guard lock(mutex_);
    video = std::exchange(videos_[index], {});
  }
  const Result<CaptionReport> report =
      !video.captions ? Result<CaptionReport>(video.status.error()) : video.captions->finish(video.status);
  if (!report.ok() && !is_of_one_video(report.error().code)) return give_up(report.error());
  const std::lock_guard lock(mutex_);
  if (listener_.on_report) listener_.on_report(index, report);
}

void Batch::work(std::size_t index) {
  const CaptionWorker& worker = batch_.workers[index];
  while (const std::optional<Task> task = schedule_.next(halt_.get_token())) {
    const Status status = take_part(worker, *task);
    const bool is_stop = !status.ok() && status.error().code == ErrorCode::kInterrupted;
    const bool is_lost = !status.ok() && !is_stop && !is_of_one_video(status.error().code);
    if (is_lost) lose(worker, status.error());
    if (!status.ok() && !is_lost) {
      const std::lock_guard lock(mutex_);
      OpenVideo& video = videos_[task->video];
      if (video.status.ok()) video.status = status;
    }
    const bool is_last = schedule_.done(*task, is_lost);
    if (is_last && is_lost) {  // nobody is left to go on
      OpenVideo& video = videos_[task->video];
      if (video.captions) (void)video.captions->finish(status);
    } else if (is_last && !is_stop) {
      finish(task->video);
    } else if (is_last && videos_[task->video].captions) {
      (void)videos_[task->video].captions->finish(status);
    }
    if (is_lost || is_stop) return;
  }
}

}  // namespace

Status caption_videos(const CaptionBatch& batch, const CaptionBatchListener& listener, const std::stop_token& stop) {
  return Batch(batch, listener, stop).run();
}

}  // namespace cinescribe::pipeline
