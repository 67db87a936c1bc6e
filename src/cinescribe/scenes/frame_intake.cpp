#include "cinescribe/scenes/frame_intake.h"

namespace cinescribe::scenes {

Result<const WorkingPicture*> FrameIntake::take(const VideoFrame& frame) {
  const bool is_skipped = frames_seen_ % (frame_skip_ + 1) != 0;
  ++frames_seen_;
  if (is_skipped) return Result<const WorkingPicture*>(nullptr);
  CINESCRIBE_TRY(reducer_.reduce(frame, picture_));
  return &picture_;
}

Timestamp FrameIntake::last_position() const { return clock_.time_of(frames_seen_ > 0 ? frames_seen_ - 1 : 0); }

}  // namespace cinescribe::scenes
