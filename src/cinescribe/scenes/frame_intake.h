#pragma once

#include <cstdint>

#include "cinescribe/core/status.h"
#include "cinescribe/core/video_frame.h"
#include "cinescribe/scenes/frame_clock.h"
#include "cinescribe/scenes/working_picture.h"

namespace cinescribe::scenes {

/// What every detector does with a frame before looking at it: counting, skipping and reducing. Not thread-safe.
class FrameIntake {
 public:
  FrameIntake(const FrameClock& clock, int frame_skip) : clock_(clock), frame_skip_(frame_skip) {}

  /// The working picture of the frame, valid until the next call; null when the frame is skipped. Errors: as
  /// `PictureReducer::reduce`.
  Result<const WorkingPicture*> take(const VideoFrame& frame);

  [[nodiscard]] const FrameClock& clock() const { return clock_; }
  /// Position of the last frame, skipped or not, as the reference knows it after the end: counted at the nominal rate.
  [[nodiscard]] Timestamp last_position() const;

 private:
  FrameClock clock_;
  int frame_skip_;
  std::int64_t frames_seen_ = 0;
  PictureReducer reducer_;
  WorkingPicture picture_;
};

}  // namespace cinescribe::scenes
