#pragma once

// Private to the room.

#include <functional>
#include <string>

#include "cinescribe/core/status.h"
#include "cinescribe/media/input.h"

namespace cinescribe::media {

/// Decoder of one stream, in software or on a device. Not thread-safe (it runs threads of its own inside).
class StreamDecoder {
 public:
  /// Called with each decoded frame; it may move the content out. Returning false ends the current call early.
  using OnFrame = std::function<bool(AVFrame&)>;

  /// `threads` 0 = as many as cores. `hardware` as in `DecodeOptions`; where the device cannot be had it says so in the
  /// log and decodes in software. Errors: kInput (no decoder, unusable parameters), kResource.
  static Result<StreamDecoder> open(const Input& input, int stream_index, int threads,
                                    const std::string& hardware = "");

  /// Feeds one packet; null = end of the stream. Frames come in display order.
  void decode(const AVPacket* packet, const OnFrame& on_frame);
  /// Forgets everything fed so far (after a seek).
  void reset();

  [[nodiscard]] int stream_index() const { return stream_index_; }
  /// Packets or frames that could not be decoded, or only in part.
  [[nodiscard]] std::int64_t damaged() const { return damaged_; }
  [[nodiscard]] bool is_on_device() const { return context_->hw_device_ctx != nullptr; }

 private:
  StreamDecoder() = default;
  bool receive_all(const OnFrame& on_frame);
  bool bring_home(AVFrame& frame);

  CodecHandle context_;
  FrameHandle frame_;
  FrameHandle home_;
  ScalerHandle planar_;
  int stream_index_ = -1;
  std::int64_t damaged_ = 0;
};

}  // namespace cinescribe::media
