#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "cinescribe/core/audio.h"
#include "cinescribe/core/status.h"
#include "cinescribe/core/video_frame.h"
#include "cinescribe/media/media_info.h"

namespace cinescribe::media {

struct DecodeOptions {
  int video_track = 0;   ///< Which video stream, counted from 0 among the video streams.
  int audio_track = -1;  ///< Which audio stream, counted from 0; -1 = the container's default, else the first.
  std::string hardware;  ///< "" = software; "auto" or an FFmpeg device name ("cuda", "vaapi"), software if it fails.
  int threads = 0;       ///< Decoder threads; 0 = as many as cores.
};

/// What one consumer of frames wants.
struct FrameRequest {
  /// kNative: planes as decoded, without a copy, where that is 8-bit yuv420p of even height without rotation, of any
  /// matrix and range (VideoFrame::yuv; untagged means BT.601, limited); else BGR. kBgr24 and kRgb24 follow the matrix
  /// and range that the video is tagged with and equal swscale's defaults (so OpenCV's frames) bit for bit when the
  /// size is unchanged.
  enum class Format { kNative, kBgr24, kRgb24 };
  Format format = Format::kNative;
  int short_side_px = 0;       ///< Scaled so that the shorter displayed side has this many pixels; 0 = as stored.
  bool square_pixels = false;  ///< Stretch to square pixels (display aspect).
  Duration every;              ///< Only the first frame at or after each multiple of this; 0 = every frame.
  std::int64_t every_nth = 1;  ///< Only every n-th decoded frame (1 = all).
  std::size_t queue_frames = 8;
};

/// The reading end of one consumer's queue. One consumer thread per source.
template <typename T>
class Source {
 public:
  virtual ~Source() = default;
  /// Waits for the next item; empty at the end of the stream, after a failure, or on a stop request.
  virtual std::optional<T> pop(const std::stop_token& stop = {}) = 0;
  /// This consumer wants no more; the pass goes on for the others.
  virtual void cancel() = 0;
};
using FrameSource = Source<VideoFrame>;
using AudioSource = Source<AudioBlock>;

/// One pass over a file: each packet is read once, each picture decoded once, and handed to every consumer through its
/// bounded queue. Add the consumers, then call `run()` on a thread of its own while they pop.
class DecodePass {
 public:
  /// Opens the file. Errors as `probe`, plus kUsage for a track that is not there (the message lists the tracks).
  static Result<std::unique_ptr<DecodePass>> open(const std::filesystem::path& file, const DecodeOptions& options = {});
  virtual ~DecodePass() = default;

  [[nodiscard]] virtual const MediaInfo& info() const = 0;
  [[nodiscard]] virtual bool has_video() const = 0;
  [[nodiscard]] virtual bool has_audio() const = 0;

  /// Registers a consumer before `run()`. The source lives as long as the pass. Streams nobody asked for are not
  /// decoded.
  virtual FrameSource& add_frames(const FrameRequest& request) = 0;
  /// Blocks of half a second; at most `queue_blocks` wait.
  virtual AudioSource& add_audio(std::size_t queue_blocks = 64) = 0;

  /// Decodes to the end, a failure, or a stop; closes all queues in every case. Damaged packets are skipped, counted
  /// and reported in `damaged_packets()`; a file truncated in the middle ends where its data ends. Errors: kInput when
  /// nothing at all could be decoded, kInterrupted. Call once.
  virtual Status run(const std::stop_token& stop) = 0;

  /// Progress of `run()`: media time decoded so far. Thread-safe.
  [[nodiscard]] virtual Timestamp position() const = 0;
  /// Valid after `run()`.
  [[nodiscard]] virtual std::int64_t frames_decoded() const = 0;
  [[nodiscard]] virtual std::int64_t damaged_packets() const = 0;
  /// End of the last frame (start of the last plus its duration), or of the sound if there is no video.
  [[nodiscard]] virtual Timestamp end_time() const = 0;
};

}  // namespace cinescribe::media
