#include "cinescribe/media/probe.h"

#include <algorithm>
#include <map>
#include <vector>

#include "cinescribe/media/describe.h"
#include "cinescribe/media/input.h"

namespace cinescribe::media {

namespace {

/// What reading every packet of one stream tells.
struct StreamScan {
  std::vector<std::int64_t> pts;  ///< Of shown packets, in file order.
  std::int64_t packets = 0;       ///< Shown ones, with or without PTS.
  std::int64_t start = 0;
  std::int64_t end = 0;  ///< Largest PTS plus duration.
};

using Scans = std::map<int, StreamScan>;

/// `usual_ticks` is what a packet lasts that does not say.
void add_packet(StreamScan& scan, const AVPacket& packet, std::int64_t usual_ticks) {
  const std::int64_t pts = packet.pts != kNoPts ? packet.pts : packet.dts;
  if ((packet.flags & AV_PKT_FLAG_DISCARD) != 0) return;
  ++scan.packets;
  if (pts == kNoPts) return;
  std::int64_t end = 0;
  const std::int64_t ticks = packet.duration > 0 ? packet.duration : usual_ticks;
  if (__builtin_add_overflow(pts, ticks, &end)) return;
  scan.start = scan.pts.empty() ? pts : std::min(scan.start, pts);
  scan.end = scan.pts.empty() ? end : std::max(scan.end, end);
  scan.pts.push_back(pts);
}

Scans scan_packets(Input& input) {
  Scans scans;
  input.ignore_all();
  for (const VideoStream& video : input.info.video) input.want(video.stream_index);
  for (const AudioStream& audio : input.info.audio) input.want(audio.stream_index);
  std::map<int, std::int64_t> usual_ticks;
  for (const VideoStream& video : input.info.video) {
    const Duration usual = nominal_duration(input.info, video.stream_index);
    usual_ticks[video.stream_index] =
        av_rescale_q(usual.ns(), {1, 1'000'000'000}, input.stream(video.stream_index).time_base);
  }
  PacketReader reader(input);
  const PacketHandle packet(av_packet_alloc());
  if (!packet) return scans;
  for (;;) {
    const ReadOutcome outcome = reader.read(*packet);
    if (outcome == ReadOutcome::kEnd) return scans;
    if (outcome == ReadOutcome::kPacket) {
      add_packet(scans[packet->stream_index], *packet, usual_ticks[packet->stream_index]);
    }
  }
}

/// Constant: every step between frames is the mean step, up to the rounding of the time base (and 1 ms for containers
/// that store milliseconds).
bool is_variable(const StreamScan& scan, AVRational time_base) {
  if (scan.pts.size() < 3) return false;
  std::vector<std::int64_t> sorted = scan.pts;
  std::sort(sorted.begin(), sorted.end());
  const double tick = av_q2d(time_base);
  const double steps = static_cast<double>(sorted.size() - 1);
  const double mean = (static_cast<double>(sorted.back()) - static_cast<double>(sorted.front())) / steps;
  const double slack = std::max(1.0, 0.001 / tick) + 1e-6;
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    const double step = static_cast<double>(sorted[i]) - static_cast<double>(sorted[i - 1]);
    if (step > mean + slack || step < mean - slack) return true;
  }
  return false;
}

std::optional<Duration> length_of(const StreamScan& scan, AVRational time_base) {
  const auto start = stream_time(scan.start, time_base);
  const auto end = stream_time(scan.end, time_base);
  if (scan.pts.empty() || !start || !end) return std::nullopt;
  return *end - *start;
}

void apply_scan(Input& input, const Scans& scans) {
  std::optional<Timestamp> first;
  std::optional<Timestamp> last;
  for (const auto& [index, scan] : scans) {
    const AVRational base = input.stream(index).time_base;
    const auto start = stream_time(scan.start, base);
    const auto end = stream_time(scan.end, base);
    if (scan.pts.empty() || !start || !end) continue;
    first = first ? std::min(*first, *start) : *start;
    last = last ? std::max(*last, *end) : *end;
  }
  if (first && last) input.info.duration_from_scan = *last - *first;
  for (VideoStream& video : input.info.video) {
    const auto found = scans.find(video.stream_index);
    if (found == scans.end()) continue;
    const AVRational base = input.stream(video.stream_index).time_base;
    video.frames_from_scan = found->second.packets;
    video.duration_from_scan = length_of(found->second, base);
    if (!video.duration_from_scan) {  // a raw stream: only the nominal rate tells
      video.duration_from_scan = nominal_duration(input.info, video.stream_index) * found->second.packets;
      if (!input.info.duration_from_scan) input.info.duration_from_scan = video.duration_from_scan;
    }
    video.is_variable_rate = is_variable(found->second, base);
  }
  for (AudioStream& audio : input.info.audio) {
    const auto found = scans.find(audio.stream_index);
    if (found == scans.end()) continue;
    audio.duration_from_scan = length_of(found->second, input.stream(audio.stream_index).time_base);
  }
}

}  // namespace

Result<MediaInfo> probe(const std::filesystem::path& file, const ProbeOptions& options) {
  CINESCRIBE_ASSIGN(Input input, open_input(file));
  if (options.scan) apply_scan(input, scan_packets(input));
  return std::move(input.info);
}

}  // namespace cinescribe::media
