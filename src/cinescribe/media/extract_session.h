#pragma once

// Private to the room.

#include <deque>
#include <optional>
#include <stop_token>

#include "cinescribe/core/status.h"
#include "cinescribe/media/av.h"
#include "cinescribe/media/decode_pass.h"
#include "cinescribe/media/input.h"
#include "cinescribe/media/stream_clock.h"
#include "cinescribe/media/stream_decoder.h"

namespace cinescribe::media {

/// A decoded picture with its time.
struct ShownPicture {
  SharedFrame picture;
  Timestamp time;
};

/// Finds the picture on screen at a time, by decoding on or by a seek, whichever meets fewer pictures. Times are those
/// of `DecodePass`. Not thread-safe.
class ExtractSession {
 public:
  /// Errors: as `DecodePass::open`, and kInput when there is no video or none of it can be decoded.
  static Result<ExtractSession> open(const std::filesystem::path& file, const DecodeOptions& options,
                                     const std::stop_token& stop);

  /// The last picture at or before `time` (the first one for earlier times). Errors: kInput, kInterrupted.
  Result<ShownPicture> at(Timestamp time, const std::stop_token& stop);

  [[nodiscard]] const VideoStream& video() const;

 private:
  ExtractSession(Input input, StreamDecoder decoder, DecodeOptions options, int stream);
  static Result<ExtractSession> open_at_start(const std::filesystem::path& file, const DecodeOptions& options);

  /// Decodes the next picture into `next_`, or leaves it empty at the end of the video.
  Status advance(const std::stop_token& stop);
  void take_packet();
  void collect(AVFrame& frame);

  [[nodiscard]] bool should_seek(Timestamp time) const;
  [[nodiscard]] std::optional<std::int64_t> pts_at(Timestamp time) const;
  bool seek(Timestamp time);
  /// Moves to where the next picture is not after `time`, if need be to the start of the file.
  Status go_before(Timestamp time, const std::stop_token& stop);
  Status rewind();

  Input input_;
  StreamDecoder decoder_;
  DecodeOptions options_;
  int stream_;
  PacketReader reader_;
  PacketHandle packet_;
  StreamClock clock_;
  bool has_sought_ = false;  ///< Until then the clock sees every picture and can mend time stamps.
  /// Without (raw streams, AVI with B-frames) times are guessed from the start on, and a seek would shift them.
  bool has_exact_pts_ = true;
  bool is_drained_ = false;  ///< The decoder has been told of the end.
  bool awaits_keyframe_ = false;
  std::int64_t earliest_pts_ = kNoPts;  ///< After a seek: pictures before the keyframe cannot be trusted.
  std::int64_t read_dts_ = kNoPts;      ///< Of the last packet read.
  std::deque<ShownPicture> ready_;
  std::optional<ShownPicture> current_;
  std::optional<ShownPicture> next_;
};

}  // namespace cinescribe::media
