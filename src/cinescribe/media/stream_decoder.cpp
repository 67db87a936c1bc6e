#include "cinescribe/media/stream_decoder.h"

#include "cinescribe/core/log.h"
#include "cinescribe/media/av_log.h"
#include "cinescribe/media/device.h"

namespace cinescribe::media {

namespace {

Error cannot_decode(const Input& input, const AVStream& stream, const std::string& found) {
  const char* kind = stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO ? "video" : "audio";
  return {ErrorCode::kInput, std::string("cannot decode ") + kind + " stream " + std::to_string(stream.index) + " of " +
                                 input.path.string() + ": " + found};
}

}  // namespace

Result<StreamDecoder> StreamDecoder::open(const Input& input, int stream_index, int threads,
                                          const std::string& hardware) {
  const AVStream& stream = input.stream(stream_index);
  const std::string name = avcodec_get_name(stream.codecpar->codec_id);
  const AVCodec* codec = avcodec_find_decoder(stream.codecpar->codec_id);
  if (codec == nullptr) {
    return cannot_decode(input, stream, "this FFmpeg has no decoder for '" + name + "'; convert the file first");
  }
  StreamDecoder decoder;
  decoder.stream_index_ = stream_index;
  decoder.context_.reset(avcodec_alloc_context3(codec));
  decoder.frame_.reset(av_frame_alloc());
  decoder.home_.reset(av_frame_alloc());
  if (!decoder.context_ || !decoder.frame_ || !decoder.home_) {
    return Error{ErrorCode::kResource, "cannot decode " + input.path.string() + ": out of memory"};
  }
  AVCodecContext& context = *decoder.context_;
  if (const int code = avcodec_parameters_to_context(&context, stream.codecpar); code < 0) {
    return cannot_decode(input, stream, av_error_text(code));
  }
  context.pkt_timebase = stream.time_base;
  context.max_pixels = kMaxPixels;
  context.thread_count = threads;
  context.thread_type = FF_THREAD_FRAME | FF_THREAD_SLICE;
  const bool is_video = stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
  if (is_video && !hardware.empty() && use_device(context, *codec, hardware)) context.thread_count = 1;
  if (!is_video) context.thread_count = 1;
  take_av_error();
  if (const int code = avcodec_open2(&context, codec, nullptr); code < 0) {
    const std::string reason = take_av_error();
    return cannot_decode(input, stream, "'" + name + "' (" + (reason.empty() ? av_error_text(code) : reason) + ")");
  }
  return decoder;
}

void StreamDecoder::decode(const AVPacket* packet, const OnFrame& on_frame) {
  // A decoder that is full takes the packet after its frames were fetched; one that is still full then is broken.
  for (int attempt = 0; attempt < 2; ++attempt) {
    const int sent = avcodec_send_packet(context_.get(), packet);
    if (sent < 0 && sent != AVERROR(EAGAIN) && sent != AVERROR_EOF) ++damaged_;
    if (!receive_all(on_frame) || sent != AVERROR(EAGAIN)) return;
  }
  ++damaged_;
}

bool StreamDecoder::receive_all(const OnFrame& on_frame) {
  constexpr int kPatience = 64;
  for (int failures = 0; failures < kPatience;) {
    const int code = avcodec_receive_frame(context_.get(), frame_.get());
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return true;
    if (code < 0) {
      ++damaged_;
      ++failures;
      continue;
    }
    failures = 0;
    const bool is_mended = frame_->decode_error_flags != 0 || (frame_->flags & AV_FRAME_FLAG_CORRUPT) != 0;
    if (is_mended) ++damaged_;  // the decoder patched it up as well as it could
    const bool goes_on = !bring_home(*frame_) || on_frame(*frame_);
    av_frame_unref(frame_.get());
    if (!goes_on) return false;
  }
  return true;
}

/// Copies a picture from the device; the usual NV12 becomes yuv420p, so that consumers see one layout. No-op for
/// pictures in main memory. False when it could not be fetched.
bool StreamDecoder::bring_home(AVFrame& frame) {
  if (frame.hw_frames_ctx == nullptr) return true;
  av_frame_unref(home_.get());
  if (av_hwframe_transfer_data(home_.get(), &frame, 0) < 0 || av_frame_copy_props(home_.get(), &frame) < 0) {
    ++damaged_;
    return false;
  }
  home_->crop_top = home_->crop_bottom = home_->crop_left = home_->crop_right = 0;
  if (home_->format == AV_PIX_FMT_NV12) {
    const FrameHandle split(av_frame_alloc());
    if (!split) return false;
    split->format = AV_PIX_FMT_YUV420P;
    split->width = home_->width;
    split->height = home_->height;
    planar_.reset(sws_getCachedContext(planar_.release(), home_->width, home_->height, AV_PIX_FMT_NV12, home_->width,
                                       home_->height, AV_PIX_FMT_YUV420P, SWS_BICUBIC, nullptr, nullptr, nullptr));
    if (!planar_ || av_frame_get_buffer(split.get(), 0) < 0 || av_frame_copy_props(split.get(), home_.get()) < 0 ||
        sws_scale(planar_.get(), home_->data, home_->linesize, 0, home_->height, split->data, split->linesize) < 0) {
      ++damaged_;
      return false;
    }
    av_frame_unref(home_.get());
    av_frame_move_ref(home_.get(), split.get());
  }
  av_frame_unref(&frame);
  av_frame_move_ref(&frame, home_.get());
  return true;
}

void StreamDecoder::reset() { avcodec_flush_buffers(context_.get()); }

}  // namespace cinescribe::media
