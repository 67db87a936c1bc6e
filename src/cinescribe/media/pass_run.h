#pragma once

// Private to the room.

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "cinescribe/media/audio_timeline.h"
#include "cinescribe/media/frame_tap.h"
#include "cinescribe/media/stream_clock.h"
#include "cinescribe/media/stream_decoder.h"

namespace cinescribe::media {

/// What one run over a file needs; borrowed.
struct PassSetup {
  Input* input = nullptr;
  int video_stream = -1;  ///< Container index; -1 = none.
  int audio_stream = -1;
  int threads = 0;
  std::string hardware;
  std::vector<FrameTap*> frame_taps;
  std::vector<AudioTap*> audio_taps;
  std::atomic<std::int64_t>* position_ns = nullptr;
};

/// What one run found.
struct PassFacts {
  std::int64_t frames = 0;
  std::int64_t damaged = 0;
  std::int64_t audio_samples = 0;
  Timestamp end_time;
  bool device_failed = false;  ///< The device decoded nothing; nothing was handed out: try again in software.
};

/// One loop over the packets of a file: decodes, puts picture and sound on one time line, hands both out.
///
/// The time line starts at the first picture. Sound that arrives before that picture is decoded waits as packets, also
/// when only sound was asked for, so that the same sample has the same time in every kind of run.
class PassRun {
 public:
  explicit PassRun(PassSetup setup);
  Status run(const std::stop_token& stop);
  [[nodiscard]] PassFacts facts() const;

 private:
  Status open_decoders();
  Status loop(const std::stop_token& stop);
  void finish(const std::stop_token& stop);
  void take_packet(const AVPacket& packet, const std::stop_token& stop);

  bool on_picture(AVFrame& frame, const std::stop_token& stop);
  void decode_video(const AVPacket* packet, const std::stop_token& stop);
  void dispatch_pending(Duration duration, const std::stop_token& stop);
  [[nodiscard]] Duration last_duration() const;

  void decode_audio(const AVPacket* packet, const std::stop_token& stop);
  void hold_back(const AVPacket& packet, const std::stop_token& stop);
  void settle_origin(std::optional<Timestamp> origin, const std::stop_token& stop);
  [[nodiscard]] std::optional<Timestamp> fallback_origin() const;
  void hand_out(std::vector<AudioBlock>& blocks, const std::stop_token& stop);

  [[nodiscard]] bool wants_frames() const;
  [[nodiscard]] bool wants_audio() const;
  void drop_unwanted();

  PassSetup setup_;
  std::optional<StreamDecoder> video_;
  std::optional<StreamDecoder> audio_;
  bool is_video_for_origin_only_ = false;
  Duration nominal_;
  StreamClock clock_;
  std::optional<TimedPicture> pending_;  ///< Waits for the next picture, which tells its duration.

  bool is_origin_settled_ = false;
  std::optional<Timestamp> origin_;  ///< Container time of 0.
  std::deque<PacketHandle> waiting_audio_;
  std::int64_t waiting_bytes_ = 0;
  AudioTimeline timeline_;
  std::optional<Error> audio_failure_;

  bool is_read_to_end_ = false;
  std::int64_t damaged_reads_ = 0;
  std::int64_t damaged_before_ = 0;  ///< Of decoders already closed.
  std::int64_t frames_ = 0;
  Timestamp end_time_;
};

}  // namespace cinescribe::media
