#include "cinescribe/media/frame_tap.h"

#include <utility>

#include "cinescribe/core/log.h"

namespace cinescribe::media {

FrameTap::FrameTap(const FrameRequest& request, int rotation_degrees, Rational sample_aspect)
    : request_(request), queue_(request.queue_frames), converter_(request, rotation_degrees, sample_aspect) {}

bool FrameTap::wants(const TimedPicture& picture) {
  if (request_.every_nth > 1 && picture.index % request_.every_nth != 0) return false;
  if (request_.every.ns() <= 0) return true;
  if (picture.time < next_due_) return false;
  const std::int64_t step = request_.every.ns();
  next_due_ = Timestamp::from_ns((picture.time.ns() / step + 1) * step);
  return true;
}

void FrameTap::offer(const TimedPicture& picture, const std::stop_token& stop) {
  if (!is_cancelled() && wants(picture)) queue_.push(picture, stop);
}

std::optional<VideoFrame> FrameTap::pop(const std::stop_token& stop) {
  std::optional<TimedPicture> next = queue_.pop(stop);
  if (!next) return std::nullopt;
  Result<VideoFrame> frame = converter_.convert(next->picture);
  if (!frame.ok()) {
    log(LogLevel::kWarning, frame.error().message);
    {
      const std::lock_guard lock(failure_mutex_);
      failure_ = frame.error();
    }
    cancel();
    return std::nullopt;
  }
  frame->index = next->index;
  frame->time = next->time;
  frame->duration = next->duration;
  return *std::move(frame);
}

void FrameTap::cancel() {
  is_cancelled_ = true;
  queue_.cancel();
}

std::optional<Error> FrameTap::failure() const {
  const std::lock_guard lock(failure_mutex_);
  return failure_;
}

}  // namespace cinescribe::media
