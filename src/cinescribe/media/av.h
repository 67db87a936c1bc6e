#pragma once

// Private to the room: FFmpeg's C handles with owners, and the few conversions that every file here needs.

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/buffer.h>
#include <libavutil/display.h>
#include <libavutil/hwcontext.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
}

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "cinescribe/core/rational.h"
#include "cinescribe/core/time.h"

namespace cinescribe::media {

struct FormatCloser {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
};
struct IoCloser {
  void operator()(AVIOContext* context) const { avio_closep(&context); }
};
struct CodecCloser {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
struct PacketFreer {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
struct FrameFreer {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
struct BufferFreer {
  void operator()(AVBufferRef* buffer) const { av_buffer_unref(&buffer); }
};
struct PoolFreer {
  void operator()(AVBufferPool* pool) const { av_buffer_pool_uninit(&pool); }
};
struct ScalerFreer {
  void operator()(SwsContext* context) const { sws_freeContext(context); }
};
struct ResamplerFreer {
  void operator()(SwrContext* context) const { swr_free(&context); }
};
using FormatHandle = std::unique_ptr<AVFormatContext, FormatCloser>;
using IoHandle = std::unique_ptr<AVIOContext, IoCloser>;
using CodecHandle = std::unique_ptr<AVCodecContext, CodecCloser>;
using PacketHandle = std::unique_ptr<AVPacket, PacketFreer>;
using FrameHandle = std::unique_ptr<AVFrame, FrameFreer>;
using BufferHandle = std::unique_ptr<AVBufferRef, BufferFreer>;
using PoolHandle = std::unique_ptr<AVBufferPool, PoolFreer>;
using ScalerHandle = std::unique_ptr<SwsContext, ScalerFreer>;
using ResamplerHandle = std::unique_ptr<SwrContext, ResamplerFreer>;

/// A decoded picture or block of sound, shared between consumers.
using SharedFrame = std::shared_ptr<AVFrame>;

inline constexpr std::int64_t kNoPts = std::numeric_limits<std::int64_t>::min();

/// Limits on pictures from files: beyond them a header is taken for damaged or hostile.
inline constexpr int kMaxSidePx = 16384;
inline constexpr std::int64_t kMaxPixels = std::int64_t{1} << 27;

inline std::string av_error_text(int code) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(code, text.data(), text.size());
  return text.data();
}

inline Rational from_av(AVRational r) { return r.num > 0 && r.den > 0 ? Rational{r.num, r.den} : Rational{}; }

/// Time of `ticks`; empty when unknown or beyond ±100 years (which no file means).
inline std::optional<Timestamp> stream_time(std::int64_t ticks, AVRational time_base) {
  constexpr std::int64_t kCentury = std::int64_t{100} * 366 * 86400 * 1'000'000'000;
  if (ticks == kNoPts) return std::nullopt;
  const Timestamp t = Timestamp::from_ticks(ticks, {time_base.num, time_base.den});
  if (t.ns() > kCentury || t.ns() < -kCentury) return std::nullopt;
  return t;
}

}  // namespace cinescribe::media
