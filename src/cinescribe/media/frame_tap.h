#pragma once

// Private to the room.

#include <atomic>
#include <mutex>
#include <optional>

#include "cinescribe/core/bounded_queue.h"
#include "cinescribe/core/status.h"
#include "cinescribe/media/decode_pass.h"
#include "cinescribe/media/picture_converter.h"

namespace cinescribe::media {

/// A decoded picture on its way to the consumers.
struct TimedPicture {
  SharedFrame picture;
  std::int64_t index = 0;
  Timestamp time;
  Duration duration;
};

/// One consumer of frames: chooses what it wants, queues the decoded pictures as they are, and converts on the
/// consumer's thread, so that conversions of several consumers run side by side and the decoder never waits for them.
class FrameTap final : public FrameSource {
 public:
  FrameTap(const FrameRequest& request, int rotation_degrees, Rational sample_aspect);

  // The decoding side.
  /// Queues the picture if the request wants it; waits while the queue is full.
  void offer(const TimedPicture& picture, const std::stop_token& stop);
  void close() { queue_.close(); }
  [[nodiscard]] bool is_cancelled() const { return is_cancelled_.load(); }
  /// Why a conversion failed, if one did. Thread-safe.
  [[nodiscard]] std::optional<Error> failure() const;

  // The consumer's side.
  std::optional<VideoFrame> pop(const std::stop_token& stop) override;
  void cancel() override;

 private:
  bool wants(const TimedPicture& picture);

  FrameRequest request_;
  Timestamp next_due_;
  BoundedQueue<TimedPicture> queue_;
  PictureConverter converter_;
  std::atomic<bool> is_cancelled_{false};
  mutable std::mutex failure_mutex_;
  std::optional<Error> failure_;
};

/// One consumer of sound.
class AudioTap final : public AudioSource {
 public:
  explicit AudioTap(std::size_t queue_blocks) : queue_(queue_blocks) {}

  void offer(const AudioBlock& block, const std::stop_token& stop) {
    if (!is_cancelled()) queue_.push(block, stop);
  }
  void close() { queue_.close(); }
  [[nodiscard]] bool is_cancelled() const { return is_cancelled_.load(); }

  std::optional<AudioBlock> pop(const std::stop_token& stop) override { return queue_.pop(stop); }
  void cancel() override {
    is_cancelled_ = true;
    queue_.cancel();
  }

 private:
  BoundedQueue<AudioBlock> queue_;
  std::atomic<bool> is_cancelled_{false};
};

}  // namespace cinescribe::media
