#pragma once

#include <atomic>
#include <memory>
#include <stop_token>
#include <utility>
#include <vector>

#include "cinescribe/core/bounded_queue.h"
#include "cinescribe/media/decode_pass.h"

namespace cinescribe::pipeline {

/// Queue of one consumer of the stub decoder.
template <typename T>
class StubSource final : public media::Source<T> {
 public:
  std::optional<T> pop(const std::stop_token& stop = {}) override { return queue.pop(stop); }
  void cancel() override { queue.cancel(); }
  BoundedQueue<T> queue{2};
};

/// What the stub decoder gives: `seconds` of 10 pictures and 16000 samples each.
struct StubVideo {
  int seconds = 5;
  bool has_video = true;
  bool has_audio = true;
  int fail_after_frames = -1;  ///< Fails with kInput after so many pictures.
};

/// Plays a made-up video to whatever consumers there are, through queues of two.
class StubPass final : public media::DecodePass {
 public:
  explicit StubPass(const StubVideo& video) : video_(video) {
    info_.format = "stub";
    info_.duration_from_header = Duration::from_ms(video.seconds * 1000);
    if (video.has_video) {
      info_.video.emplace_back();
      info_.video[0].average_rate = {10, 1};
    }
    if (video.has_audio) info_.audio.emplace_back();
  }

  const media::MediaInfo& info() const override { return info_; }
  bool has_video() const override { return video_.has_video; }
  bool has_audio() const override { return video_.has_audio; }
  media::FrameSource& add_frames(const media::FrameRequest&) override {
    return *frames_.emplace_back(std::make_unique<StubSource<VideoFrame>>());
  }
  media::AudioSource& add_audio(std::size_t) override {
    return *audio_.emplace_back(std::make_unique<StubSource<AudioBlock>>());
  }

  Status run(const std::stop_token& stop) override {
    const Status status = play(stop);
    for (const auto& source : frames_) source->queue.close();
    for (const auto& source : audio_) source->queue.close();
    return status;
  }
  Timestamp position() const override { return {}; }
  std::int64_t frames_decoded() const override { return frames_.empty() ? 0 : decoded_.load(); }
  std::int64_t damaged_packets() const override { return 0; }
  Timestamp end_time() const override { return Timestamp::from_seconds(video_.seconds); }

 private:
  Status play(const std::stop_token& stop) {
    for (int i = 0; i < video_.seconds * 10; ++i) {
      if (stop.stop_requested()) return Error{ErrorCode::kInterrupted, "stopped"};
      if (decoded_ == video_.fail_after_frames) return Error{ErrorCode::kInput, "the file is broken"};
      VideoFrame frame;
      frame.index = i;
      frame.time = Timestamp::from_seconds(i * 0.1);
      frame.duration = Duration::from_ms(100);
      for (const auto& source : frames_) source->queue.push(frame, stop);
      ++decoded_;
      AudioBlock block;
      block.first_sample = i * 1600;
      block.samples = std::make_shared<const std::vector<float>>(1600);
      for (const auto& source : audio_) source->queue.push(block, stop);
    }
    return {};
  }

  const StubVideo video_;
  media::MediaInfo info_;
  std::vector<std::unique_ptr<StubSource<VideoFrame>>> frames_;
  std::vector<std::unique_ptr<StubSource<AudioBlock>>> audio_;
  std::atomic<std::int64_t> decoded_ = 0;
};

}  // namespace cinescribe::pipeline
