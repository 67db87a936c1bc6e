#pragma once

#include <filesystem>
#include <memory>

#include "cinescribe/core/image.h"
#include "cinescribe/core/rational.h"
#include "cinescribe/core/status.h"
#include "cinescribe/core/time.h"

namespace cinescribe::media {

struct VideoWriterOptions {
  int width = 0;
  int height = 0;
  Rational frame_rate{30, 1};  ///< Nominal; frames keep their own times.
  int threads = 0;             ///< Encoder threads; 0 = as many as cores.
};

/// Writes pictures to a video file: H.264 where this FFmpeg has an encoder for it, else MPEG-4; the container by the
/// file's extension (mp4, mkv, ...). An odd last column or row is cut off. Not thread-safe.
class VideoWriter {
 public:
  /// Errors: kUsage (extension unknown, picture smaller than 2 × 2), kResource (the file cannot be written, no
  /// encoder).
  static Result<std::unique_ptr<VideoWriter>> create(const std::filesystem::path& file,
                                                     const VideoWriterOptions& options);
  virtual ~VideoWriter() = default;

  /// Adds an RGB picture that is shown from `time` on. Pictures at or before the last one's time are dropped. Errors:
  /// kUsage (another size than announced), kResource (disk full).
  virtual Status add(const Image& picture, Timestamp time) = 0;

  /// Completes the file; without it the file may not play. Errors: kResource.
  virtual Status finish() = 0;
};

}  // namespace cinescribe::media
