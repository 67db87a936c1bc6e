#include "cinescribe/media/pass_run.h"

#include <algorithm>
#include <utility>

#include "cinescribe/media/describe.h"

namespace cinescribe::media {

namespace {

/// Sound of this size waits at most for the first picture.
constexpr std::int64_t kMostWaitingBytes = std::int64_t{32} << 20;
/// A device that failed this often before its first picture is given up.
constexpr std::int64_t kDevicePatience = 8;

AVRational time_base(const PassSetup& setup, int stream) {
  return stream < 0 ? AVRational{1, 1000} : setup.input->stream(stream).time_base;
}

}  // namespace

PassRun::PassRun(PassSetup setup)
    : setup_(std::move(setup)),
      nominal_(nominal_duration(setup_.input->info, setup_.video_stream)),
      clock_(time_base(setup_, setup_.video_stream), nominal_) {}

bool PassRun::wants_frames() const {
  return std::any_of(setup_.frame_taps.begin(), setup_.frame_taps.end(),
                     [](const FrameTap* tap) { return !tap->is_cancelled(); });
}

bool PassRun::wants_audio() const {
  return !audio_failure_ && std::any_of(setup_.audio_taps.begin(), setup_.audio_taps.end(),
                                        [](const AudioTap* tap) { return !tap->is_cancelled(); });
}

Status PassRun::open_decoders() {
  const Input& input = *setup_.input;
  input.ignore_all();
  const bool has_audio = setup_.audio_stream >= 0 && wants_audio();
  if (setup_.video_stream >= 0 && (wants_frames() || has_audio)) {
    is_video_for_origin_only_ = !wants_frames();
    Result<StreamDecoder> video =
        is_video_for_origin_only_ ? StreamDecoder::open(input, setup_.video_stream, 1)
                                  : StreamDecoder::open(input, setup_.video_stream, setup_.threads, setup_.hardware);
    if (video.ok()) {
      video_ = std::move(*video);
      input.want(setup_.video_stream);
    } else if (!is_video_for_origin_only_) {
      return video.error();
    }
  }
  if (has_audio) {
    CINESCRIBE_ASSIGN(audio_, StreamDecoder::open(input, setup_.audio_stream, 1));
    input.want(setup_.audio_stream);
  }
  if (!video_) {
    is_origin_settled_ = true;
    origin_ = setup_.video_stream >= 0 ? fallback_origin() : std::nullopt;  // nullopt: the first sound is at 0
  }
  return {};
}

Status PassRun::run(const std::stop_token& stop) {
  CINESCRIBE_TRY(open_decoders());
  if (!video_ && !audio_) return {};
  CINESCRIBE_TRY(loop(stop));
  finish(stop);
  if (stop.stop_requested()) return Error{ErrorCode::kInterrupted, "decoding was interrupted"};
  if (audio_failure_) return *audio_failure_;
  for (const FrameTap* tap : setup_.frame_taps) {
    if (const auto failure = tap->failure()) return *failure;
  }
  return {};
}

Status PassRun::loop(const std::stop_token& stop) {
  PacketReader reader(*setup_.input);
  const PacketHandle packet(av_packet_alloc());
  if (!packet) return Error{ErrorCode::kResource, "cannot read packets: out of memory"};
  while (video_ || audio_) {
    if (stop.stop_requested()) return Error{ErrorCode::kInterrupted, "decoding was interrupted"};
    const ReadOutcome outcome = reader.read(*packet);
    if (outcome == ReadOutcome::kEnd) break;
    if (outcome == ReadOutcome::kDamaged) {
      ++damaged_reads_;
      continue;
    }
    if ((packet->flags & AV_PKT_FLAG_CORRUPT) != 0) ++damaged_reads_;
    take_packet(*packet, stop);
    if (facts().device_failed) break;
    drop_unwanted();
  }
  return {};
}

void PassRun::take_packet(const AVPacket& packet, const std::stop_token& stop) {
  if (video_ && packet.stream_index == video_->stream_index()) {
    decode_video(&packet, stop);
  } else if (audio_ && packet.stream_index == audio_->stream_index()) {
    if (is_origin_settled_) {
      decode_audio(&packet, stop);
    } else {
      hold_back(packet, stop);
    }
  }
}

void PassRun::finish(const std::stop_token& stop) {
  if (video_) decode_video(nullptr, stop);
  is_read_to_end_ = !stop.stop_requested();
  if (facts().device_failed) return;
  if (pending_) dispatch_pending(last_duration(), stop);
  if (!is_origin_settled_) settle_origin(fallback_origin(), stop);
  if (audio_) {
    decode_audio(nullptr, stop);
    std::vector<AudioBlock> rest;
    timeline_.flush(rest);
    hand_out(rest, stop);
  }
}

/// Streams that nobody listens to any more are no longer read.
void PassRun::drop_unwanted() {
  if (video_ && !is_video_for_origin_only_ && !wants_frames()) is_video_for_origin_only_ = true;
  if (video_ && is_video_for_origin_only_ && (is_origin_settled_ || !audio_)) {
    damaged_before_ += video_->damaged();
    setup_.input->stream(video_->stream_index()).discard = AVDISCARD_ALL;
    video_.reset();
    pending_.reset();
  }
  if (audio_ && !wants_audio()) {
    damaged_before_ += audio_->damaged();
    setup_.input->stream(audio_->stream_index()).discard = AVDISCARD_ALL;
    audio_.reset();
    waiting_audio_.clear();
  }
}

void PassRun::decode_video(const AVPacket* packet, const std::stop_token& stop) {
  video_->decode(packet, [&](AVFrame& frame) { return on_picture(frame, stop); });
}

bool PassRun::on_picture(AVFrame& frame, const std::stop_token& stop) {
  if (frame.width <= 0 || frame.height <= 0 || frame.data[0] == nullptr) return true;
  const Timestamp time = clock_.next(frame.best_effort_timestamp);
  if (!is_origin_settled_) {
    const auto origin = clock_.origin();
    settle_origin(origin ? origin : fallback_origin(), stop);
  }
  if (is_video_for_origin_only_) return false;
  if (pending_) dispatch_pending(time - pending_->time, stop);
  SharedFrame picture(av_frame_alloc(), FrameFreer());
  if (!picture) return true;
  av_frame_move_ref(picture.get(), &frame);
  pending_ = TimedPicture{std::move(picture), frames_++, time, nominal_};
  return !stop.stop_requested();
}

void PassRun::dispatch_pending(Duration duration, const std::stop_token& stop) {
  TimedPicture picture = std::move(*pending_);
  pending_.reset();
  picture.duration = duration;
  end_time_ = picture.time + duration;
  setup_.position_ns->store(end_time_.ns(), std::memory_order_relaxed);
  for (FrameTap* tap : setup_.frame_taps) tap->offer(picture, stop);
}

/// The last picture has no successor: what its packet says, else the nominal rate.
Duration PassRun::last_duration() const {
  const auto told = stream_time(pending_->picture->pkt_duration, time_base(setup_, setup_.video_stream));
  return told && told->ns() > 0 ? *told - Timestamp() : nominal_;
}

void PassRun::hold_back(const AVPacket& packet, const std::stop_token& stop) {
  PacketHandle copy(av_packet_clone(&packet));
  if (!copy) return;
  waiting_bytes_ += copy->size;
  waiting_audio_.push_back(std::move(copy));
  if (waiting_bytes_ > kMostWaitingBytes) settle_origin(fallback_origin(), stop);
}

/// Where the time line starts when no picture can tell.
std::optional<Timestamp> PassRun::fallback_origin() const {
  for (const int index : {setup_.video_stream, setup_.audio_stream}) {
    if (index < 0) continue;
    const AVStream& stream = setup_.input->stream(index);
    if (const auto start = stream_time(stream.start_time, stream.time_base)) return start;
  }
  return std::nullopt;
}

void PassRun::settle_origin(std::optional<Timestamp> origin, const std::stop_token& stop) {
  is_origin_settled_ = true;
  origin_ = origin;
  waiting_bytes_ = 0;
  for (const PacketHandle& packet : std::exchange(waiting_audio_, {})) {
    if (audio_) decode_audio(packet.get(), stop);
  }
}

void PassRun::decode_audio(const AVPacket* packet, const std::stop_token& stop) {
  const AVRational base = time_base(setup_, setup_.audio_stream);
  std::vector<AudioBlock> blocks;
  audio_->decode(packet, [&](AVFrame& frame) {
    std::optional<Timestamp> time = stream_time(frame.best_effort_timestamp, base);
    if (time && !origin_) origin_ = time;
    if (time) time = Timestamp() + (*time - *origin_);
    if (Status status = timeline_.push(frame, time, blocks); !status.ok()) {
      audio_failure_ = status.error();
      return false;
    }
    return true;
  });
  hand_out(blocks, stop);
}

void PassRun::hand_out(std::vector<AudioBlock>& blocks, const std::stop_token& stop) {
  for (const AudioBlock& block : blocks) {
    for (AudioTap* tap : setup_.audio_taps) tap->offer(block, stop);
  }
  if (setup_.frame_taps.empty()) {
    const Timestamp reached = Timestamp::from_ticks(timeline_.samples(), {1, kAudioRateHz});
    setup_.position_ns->store(reached.ns(), std::memory_order_relaxed);
  }
}

PassFacts PassRun::facts() const {
  PassFacts facts;
  facts.frames = frames_;
  facts.damaged =
      damaged_reads_ + damaged_before_ + (video_ ? video_->damaged() : 0) + (audio_ ? audio_->damaged() : 0);
  facts.audio_samples = timeline_.samples();
  facts.end_time = frames_ > 0 ? end_time_ : Timestamp::from_ticks(facts.audio_samples, {1, kAudioRateHz});
  // Only as long as nothing was handed out is a second run from the start invisible to the consumers.
  const bool has_given = frames_ > 0 || timeline_.samples() > 0;
  const bool has_failed = video_ && (is_read_to_end_ || video_->damaged() >= kDevicePatience);
  facts.device_failed = has_failed && !has_given && !setup_.hardware.empty() && video_->is_on_device();
  return facts;
}

}  // namespace cinescribe::media
