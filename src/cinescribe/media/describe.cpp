#include "cinescribe/media/describe.h"

#include <algorithm>
#include <cmath>

#include "cinescribe/media/geometry.h"

namespace cinescribe::media {

namespace {

std::string tag(const AVStream& stream, const char* key) {
  const AVDictionaryEntry* entry = av_dict_get(stream.metadata, key, nullptr, 0);
  return entry == nullptr ? std::string() : std::string(entry->value);
}

std::string language(const AVStream& stream) {
  std::string text = tag(stream, "language");
  return text == "und" ? std::string() : text;
}

std::optional<Duration> positive_duration(std::int64_t ticks, AVRational time_base) {
  const auto t = stream_time(ticks, time_base);
  if (!t || t->ns() <= 0) return std::nullopt;
  return *t - Timestamp();
}

/// Clockwise turn of the display matrix, to the nearest quarter.
int rotation_of(AVStream& stream) {
  std::size_t size = 0;
  const std::uint8_t* data = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
  if (data == nullptr || size < 9 * sizeof(std::int32_t)) return 0;
  std::array<std::int32_t, 9> matrix{};
  std::copy_n(data, sizeof(matrix), reinterpret_cast<std::uint8_t*>(matrix.data()));
  const double degrees = -av_display_rotation_get(matrix.data());
  if (!std::isfinite(degrees)) return 0;
  const int quarters = static_cast<int>(std::lround(degrees / 90.0));
  return ((quarters % 4) + 4) % 4 * 90;
}

/// The header's guess. Fields of interlaced video double the nominal rate without making it variable.
bool rates_differ(const AVStream& stream) {
  const double average = av_q2d(stream.avg_frame_rate);
  const double nominal = av_q2d(stream.r_frame_rate);
  if (!(average > 0.0) || !(nominal > 0.0) || !std::isfinite(average) || !std::isfinite(nominal)) return false;
  const bool is_interlaced =
      stream.codecpar->field_order != AV_FIELD_UNKNOWN && stream.codecpar->field_order != AV_FIELD_PROGRESSIVE;
  const double ratio = nominal / average;
  return std::abs(ratio - 1.0) > 0.01 && !(is_interlaced && std::abs(ratio - 2.0) < 0.02);
}

VideoStream describe_video(AVFormatContext& format, AVStream& stream) {
  const AVCodecParameters& codec = *stream.codecpar;
  VideoStream video;
  video.stream_index = stream.index;
  video.codec = avcodec_get_name(codec.codec_id);
  const char* pixels = av_get_pix_fmt_name(static_cast<AVPixelFormat>(codec.format));
  video.pixel_format = pixels == nullptr ? "unknown" : pixels;
  video.coded_width = codec.width;
  video.coded_height = codec.height;
  video.rotation_degrees = rotation_of(stream);
  const Rational aspect = from_av(av_guess_sample_aspect_ratio(&format, &stream, nullptr));
  if (aspect.is_known()) video.sample_aspect = aspect;
  const PixelSize shown =
      turned(square_pixel_size({codec.width, codec.height}, video.sample_aspect), video.rotation_degrees);
  video.display_width = shown.width;
  video.display_height = shown.height;
  video.average_rate = from_av(stream.avg_frame_rate);
  video.nominal_rate = from_av(stream.r_frame_rate);
  video.is_variable_rate = rates_differ(stream);
  if (stream.nb_frames > 0) video.frames_from_header = stream.nb_frames;
  video.duration_from_header = positive_duration(stream.duration, stream.time_base);
  video.bit_rate = std::max<std::int64_t>(codec.bit_rate, 0);
  video.language = language(stream);
  video.is_default = (stream.disposition & AV_DISPOSITION_DEFAULT) != 0;
  return video;
}

AudioStream describe_audio(const AVStream& stream) {
  const AVCodecParameters& codec = *stream.codecpar;
  AudioStream audio;
  audio.stream_index = stream.index;
  audio.codec = avcodec_get_name(codec.codec_id);
  const char* samples = av_get_sample_fmt_name(static_cast<AVSampleFormat>(codec.format));
  audio.sample_format = samples == nullptr ? "unknown" : samples;
  audio.rate_hz = codec.sample_rate;
  audio.channels = codec.ch_layout.nb_channels;
  audio.duration_from_header = positive_duration(stream.duration, stream.time_base);
  audio.bit_rate = std::max<std::int64_t>(codec.bit_rate, 0);
  audio.language = language(stream);
  audio.title = tag(stream, "title");
  audio.is_default = (stream.disposition & AV_DISPOSITION_DEFAULT) != 0;
  return audio;
}

/// Longest of the sound and picture streams; a longer text or data track does not count. The container's own duration
/// where a stream has none.
std::optional<Duration> header_duration(const AVFormatContext& format, const MediaInfo& info) {
  std::optional<Duration> longest;
  bool all_known = true;
  const auto add = [&](const std::optional<Duration>& duration) {
    if (!duration) all_known = false;
    if (duration && (!longest || *duration > *longest)) longest = duration;
  };
  for (const VideoStream& video : info.video) add(video.duration_from_header);
  for (const AudioStream& audio : info.audio) add(audio.duration_from_header);
  if (all_known && longest) return longest;
  const auto container = positive_duration(format.duration, {1, AV_TIME_BASE});
  return container ? container : longest;
}

}  // namespace

bool is_moving_picture(const AVStream& stream) {
  constexpr int kStill = AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS | AV_DISPOSITION_STILL_IMAGE;
  return stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO && (stream.disposition & kStill) == 0;
}

Duration nominal_duration(const MediaInfo& info, int video_stream) {
  for (const VideoStream& video : info.video) {
    if (video.stream_index != video_stream) continue;
    for (const Rational& rate : {video.average_rate, video.nominal_rate}) {
      const bool is_sane = rate.is_known() && rate.value() <= 1000.0 && rate.value() >= 0.01;
      if (is_sane) return Timestamp::from_ticks(1, {rate.den, rate.num}) - Timestamp();
    }
  }
  return Duration::from_ms(40);
}

bool is_encrypted(const AVStream& stream) {
  return av_stream_get_side_data(&stream, AV_PKT_DATA_ENCRYPTION_INIT_INFO, nullptr) != nullptr ||
         av_stream_get_side_data(&stream, AV_PKT_DATA_ENCRYPTION_INFO, nullptr) != nullptr;
}

MediaInfo describe(AVFormatContext& format) {
  MediaInfo info;
  info.format = format.iformat->name;
  info.start = stream_time(format.start_time, {1, AV_TIME_BASE}).value_or(Timestamp());
  for (unsigned i = 0; i < format.nb_streams; ++i) {
    AVStream& stream = *format.streams[i];
    if (is_moving_picture(stream)) info.video.push_back(describe_video(format, stream));
    if (stream.codecpar->codec_type == AVMEDIA_TYPE_AUDIO) info.audio.push_back(describe_audio(stream));
  }
  info.duration_from_header = header_duration(format, info);
  return info;
}

}  // namespace cinescribe::media
