#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

#include "cinescribe/core/image.h"
#include "cinescribe/core/status.h"
#include "cinescribe/core/time.h"
#include "cinescribe/media/decode_pass.h"

namespace cinescribe::media {

/// A picture taken from a video, RGB, turned as displayed, square pixels.
struct ExtractedFrame {
  Timestamp requested;
  Timestamp time;  ///< Of the frame that is on screen at `requested`.
  Image picture;
};

/// Takes frames one after the other; in ascending order they meet the fewest pictures. Not thread-safe.
class FrameTaker {
 public:
  /// `short_side_px` 0 keeps the size. Errors: kInput, kInterrupted.
  static Result<FrameTaker> open(const std::filesystem::path& file, int short_side_px, const DecodeOptions& options,
                                 const std::stop_token& stop);
  /// The frame on screen at `time`; at or after the end the last one. Errors: kInput, kInterrupted.
  Result<ExtractedFrame> take(Timestamp time, const std::stop_token& stop);

  FrameTaker(FrameTaker&& other) noexcept;
  FrameTaker& operator=(FrameTaker&& other) noexcept;
  FrameTaker(const FrameTaker&) = delete;
  FrameTaker& operator=(const FrameTaker&) = delete;
  ~FrameTaker();

 private:
  class Work;
  explicit FrameTaker(std::unique_ptr<Work> work);
  std::unique_ptr<Work> work_;
};

/// Takes the frames on screen at `times` (any order; duplicates allowed) and calls `sink` in the order of `times`.
/// Seeks where that is faster than decoding on. A time at or after the end gives the last frame. `short_side_px` 0
/// keeps the size. Errors: kInput, kInterrupted, or whatever the sink returns.
Status extract_frames(const std::filesystem::path& file, const std::vector<Timestamp>& times, int short_side_px,
                      const DecodeOptions& options, const std::stop_token& stop,
                      const std::function<Status(ExtractedFrame&&)>& sink);

}  // namespace cinescribe::media
