#include "cinescribe/media/extract_session.h"

#include <algorithm>
#include <utility>

#include "cinescribe/core/log.h"
#include "cinescribe/media/describe.h"
#include "cinescribe/media/tracks.h"

namespace cinescribe::media {

namespace {

/// A seek costs a flushed decoder; it has to skip at least this much.
constexpr Duration kLeastSkip = Duration::from_ms(250);
/// Without an index of keyframes only far targets are worth a try.
constexpr Duration kFarAway = Duration::from_ms(15000);

}  // namespace

ExtractSession::ExtractSession(Input input, StreamDecoder decoder, DecodeOptions options, int stream)
    : input_(std::move(input)),
      decoder_(std::move(decoder)),
      options_(std::move(options)),
      stream_(stream),
      reader_(input_),
      packet_(av_packet_alloc()),
      clock_(input_.stream(stream).time_base, nominal_duration(input_.info, stream)) {}

Result<ExtractSession> ExtractSession::open_at_start(const std::filesystem::path& file, const DecodeOptions& options) {
  CINESCRIBE_ASSIGN(Input input, open_input(file));
  DecodeOptions video_only = options;
  video_only.audio_track = -1;
  CINESCRIBE_ASSIGN(const Tracks tracks, choose_tracks(input, video_only));
  if (tracks.video < 0) {
    return Error{ErrorCode::kInput, "cannot take frames from " + file.string() + ": it has no video"};
  }
  input.ignore_all();
  input.want(tracks.video);
  CINESCRIBE_ASSIGN(StreamDecoder decoder, StreamDecoder::open(input, tracks.video, options.threads, options.hardware));
  ExtractSession session(std::move(input), std::move(decoder), options, tracks.video);
  if (!session.packet_) return Error{ErrorCode::kResource, "cannot read " + file.string() + ": out of memory"};
  return session;
}

Result<ExtractSession> ExtractSession::open(const std::filesystem::path& file, const DecodeOptions& options,
                                            const std::stop_token& stop) {
  CINESCRIBE_ASSIGN(ExtractSession session, open_at_start(file, options));
  // The first picture is the zero of all times.
  CINESCRIBE_TRY(session.advance(stop));
  if (!session.next_ && session.decoder_.is_on_device()) {
    log(LogLevel::kWarning, "the decoding device cannot decode " + file.string() + "; decoding in software");
    DecodeOptions software = options;
    software.hardware.clear();
    return open(file, software, stop);
  }
  if (!session.next_) {
    return Error{ErrorCode::kInput, "cannot take frames from " + file.string() +
                                        ": no picture of its video can be decoded; the file is damaged or cut off"};
  }
  return session;
}

const VideoStream& ExtractSession::video() const {
  const auto found = std::find_if(input_.info.video.begin(), input_.info.video.end(),
                                  [this](const VideoStream& video) { return video.stream_index == stream_; });
  return *found;  // `choose_tracks` took it from there
}

Result<ShownPicture> ExtractSession::at(Timestamp time, const std::stop_token& stop) {
  time = std::max(time, Timestamp());
  if ((current_ && time < current_->time) || should_seek(time)) CINESCRIBE_TRY(go_before(time, stop));
  for (;;) {
    if (!next_) CINESCRIBE_TRY(advance(stop));
    if (!next_ || (current_ && next_->time > time)) break;
    current_ = std::exchange(next_, std::nullopt);
    if (current_->time > time) break;  // nothing earlier can be decoded
  }
  if (!current_) {
    return Error{ErrorCode::kInput, "cannot take the frame at " + format_timecode(time) + " from " +
                                        input_.path.string() + ": no picture can be decoded there"};
  }
  return *current_;
}

Status ExtractSession::advance(const std::stop_token& stop) {
  while (ready_.empty() && !is_drained_) {
    if (stop.stop_requested()) return Error{ErrorCode::kInterrupted, "taking frames was interrupted"};
    switch (reader_.read(*packet_)) {
      case ReadOutcome::kPacket:
        take_packet();
        break;
      case ReadOutcome::kEnd:
        is_drained_ = true;
        decoder_.decode(nullptr, [this](AVFrame& frame) { return collect(frame), true; });
        break;
      case ReadOutcome::kDamaged:
        break;
    }
  }
  if (!ready_.empty()) {
    next_ = std::move(ready_.front());
    ready_.pop_front();
  }
  return {};
}

void ExtractSession::take_packet() {
  if (packet_->stream_index != stream_) return;
  if (awaits_keyframe_ && (packet_->flags & AV_PKT_FLAG_KEY) != 0) {
    awaits_keyframe_ = false;
    earliest_pts_ = packet_->pts;
  }
  if (packet_->pts == kNoPts) has_exact_pts_ = false;
  if (packet_->dts != kNoPts) read_dts_ = packet_->dts;
  decoder_.decode(packet_.get(), [this](AVFrame& frame) { return collect(frame), true; });
}

void ExtractSession::collect(AVFrame& frame) {
  if (frame.width <= 0 || frame.height <= 0 || frame.data[0] == nullptr) return;
  const std::int64_t pts = frame.best_effort_timestamp;
  if (awaits_keyframe_ || (earliest_pts_ != kNoPts && pts < earliest_pts_)) return;
  Timestamp time;
  if (has_sought_) {
    const auto known = clock_.at(pts);
    if (!known) return;
    time = *known;
  } else {
    time = clock_.next(pts);
  }
  SharedFrame picture(av_frame_alloc(), FrameFreer());
  if (!picture) return;
  av_frame_move_ref(picture.get(), &frame);
  ready_.push_back({std::move(picture), time});
}

std::optional<std::int64_t> ExtractSession::pts_at(Timestamp time) const {
  const auto origin = clock_.origin_pts();
  if (!origin || !has_exact_pts_) return std::nullopt;
  const AVRational base = input_.stream(stream_).time_base;
  const std::int64_t ticks = av_rescale_q_rnd(time.ns(), {1, 1'000'000'000}, base, AV_ROUND_DOWN);
  std::int64_t pts = 0;
  if (__builtin_add_overflow(*origin, ticks, &pts)) return std::nullopt;
  return pts;
}

bool ExtractSession::should_seek(Timestamp time) const {
  const std::optional<ShownPicture>& here = current_ ? current_ : next_;
  const auto pts = pts_at(time);
  if (!here || !pts || time - here->time < kLeastSkip) return false;
  AVStream& stream = input_.stream(stream_);
  const AVIndexEntry* keyframe = avformat_index_get_entry_from_timestamp(&stream, *pts, AVSEEK_FLAG_BACKWARD);
  const auto read = stream_time(read_dts_, stream.time_base);
  if (keyframe != nullptr && read) {
    const auto there = stream_time(keyframe->timestamp, stream.time_base);
    if (there && *there > *read + kLeastSkip) return true;
    const AVIndexEntry* last = avformat_index_get_entry(&stream, avformat_index_get_entries_count(&stream) - 1);
    if (last != nullptr && last->timestamp > *pts) return false;  // the index covers the target: no keyframe between
  }
  return time - here->time > kFarAway;
}

bool ExtractSession::seek(Timestamp time) {
  const auto pts = pts_at(time);
  if (!pts) return false;
  if (avformat_seek_file(input_.format.get(), stream_, std::numeric_limits<std::int64_t>::min(), *pts, *pts, 0) < 0) {
    return false;
  }
  decoder_.reset();
  ready_.clear();
  current_.reset();
  next_.reset();
  has_sought_ = true;
  is_drained_ = false;
  awaits_keyframe_ = true;
  earliest_pts_ = kNoPts;
  read_dts_ = kNoPts;
  return true;
}

Status ExtractSession::go_before(Timestamp time, const std::stop_token& stop) {
  const bool is_forward = current_ && time >= current_->time;
  // A container may land on a keyframe that is shown after the target, or whose pictures cannot be decoded.
  Duration back;
  for (Duration step = Duration::from_ms(1000);; step = step * 4) {
    if (time - back <= Timestamp()) break;
    if (!seek(time - back)) {
      if (is_forward && back == Duration()) return {};  // nothing was lost: decode on
      break;
    }
    CINESCRIBE_TRY(advance(stop));
    if (next_ && next_->time <= time) return {};
    back = back + step;
  }
  return rewind();
}

Status ExtractSession::rewind() {
  CINESCRIBE_ASSIGN(ExtractSession fresh, open_at_start(input_.path, options_));
  *this = std::move(fresh);
  return {};
}

}  // namespace cinescribe::media
