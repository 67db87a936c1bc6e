#include "cinescribe/media/video_writer.h"

#include <algorithm>
#include <cmath>

#include "cinescribe/media/av.h"
#include "cinescribe/media/av_log.h"

namespace cinescribe::media {

namespace {

/// Fine enough for 1001-based rates, and the largest that MPEG-4 can carry is 65535.
constexpr int kTicksPerSecond = 60000;

struct MuxerCloser {
  void operator()(AVFormatContext* context) const {
    if ((context->oformat->flags & AVFMT_NOFILE) == 0) avio_closep(&context->pb);
    avformat_free_context(context);
  }
};
using MuxerHandle = std::unique_ptr<AVFormatContext, MuxerCloser>;

class AvVideoWriter final : public VideoWriter {
 public:
  AvVideoWriter(std::filesystem::path file, const VideoWriterOptions& options)
      : file_(std::move(file)), options_(options), width_(options.width & ~1), height_(options.height & ~1) {}

  Status open() {
    AVFormatContext* muxer = nullptr;
    if (avformat_alloc_output_context2(&muxer, nullptr, nullptr, file_.c_str()) < 0 || muxer == nullptr) {
      return Error{ErrorCode::kUsage, "cannot write a video to " + file_.string() +
                                          ": the kind of file is not known by its name; use .mp4 or .mkv"};
    }
    muxer_.reset(muxer);
    const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
    if (codec == nullptr) codec = avcodec_find_encoder(AV_CODEC_ID_MPEG4);
    if (codec == nullptr) return failed("start an encoder", AVERROR_ENCODER_NOT_FOUND);
    CINESCRIBE_TRY(open_encoder(codec));
    stream_ = avformat_new_stream(muxer_.get(), nullptr);
    if (stream_ == nullptr) return failed("add a stream", AVERROR(ENOMEM));
    stream_->time_base = encoder_->time_base;
    stream_->avg_frame_rate = encoder_->framerate;
    int code = avcodec_parameters_from_context(stream_->codecpar, encoder_.get());
    if (code < 0) return failed("describe the stream", code);
    if ((muxer_->oformat->flags & AVFMT_NOFILE) == 0) {
      code = avio_open(&muxer_->pb, file_.c_str(), AVIO_FLAG_WRITE);
      if (code < 0) return failed("open the file", code);
    }
    code = avformat_write_header(muxer_.get(), nullptr);
    if (code < 0) return failed("write the header", code);
    packet_.reset(av_packet_alloc());
    return make_frame();
  }

  Status add(const Image& picture, Timestamp time) override {
    if (picture.width != options_.width || picture.height != options_.height || picture.channels != 3) {
      return Error{ErrorCode::kUsage, "cannot add a picture of another size to " + file_.string()};
    }
    const std::int64_t tick = std::llround(time.seconds() * kTicksPerSecond);
    if (tick <= last_tick_) return {};
    last_tick_ = tick;
    const int code = av_frame_make_writable(frame_.get());
    if (code < 0) return failed("store a picture", code);
    const std::uint8_t* rows[] = {picture.pixels.data()};
    const int strides[] = {static_cast<int>(picture.stride_bytes())};
    sws_scale(scaler_.get(), rows, strides, 0, height_, frame_->data, frame_->linesize);
    frame_->pts = tick;
    return encode(frame_.get());
  }

  Status finish() override {
    CINESCRIBE_TRY(encode(nullptr));
    int code = av_write_trailer(muxer_.get());
    if (code < 0) return failed("complete the file", code);
    if ((muxer_->oformat->flags & AVFMT_NOFILE) == 0) {
      code = avio_closep(&muxer_->pb);
      if (code < 0) return failed("complete the file", code);
    }
    return {};
  }

 private:
  Status open_encoder(const AVCodec* codec) {
    encoder_.reset(avcodec_alloc_context3(codec));
    if (encoder_ == nullptr) return failed("start the encoder", AVERROR(ENOMEM));
    encoder_->width = width_;
    encoder_->height = height_;
    encoder_->pix_fmt = AV_PIX_FMT_YUV420P;
    encoder_->time_base = {1, kTicksPerSecond};
    const Rational rate = options_.frame_rate.is_known() ? options_.frame_rate : Rational{30, 1};
    av_reduce(&encoder_->framerate.num, &encoder_->framerate.den, rate.num, rate.den, 1'000'000);
    encoder_->colorspace = AVCOL_SPC_BT709;
    encoder_->color_primaries = AVCOL_PRI_BT709;
    encoder_->color_trc = AVCOL_TRC_BT709;
    encoder_->color_range = AVCOL_RANGE_MPEG;
    encoder_->thread_count = options_.threads;
    if ((muxer_->oformat->flags & AVFMT_GLOBALHEADER) != 0) encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    if (codec->id == AV_CODEC_ID_H264) {
      av_opt_set(encoder_->priv_data, "preset", "veryfast", 0);
      av_opt_set(encoder_->priv_data, "crf", "23", 0);
    } else {
      encoder_->flags |= AV_CODEC_FLAG_QSCALE;
      encoder_->global_quality = 4 * FF_QP2LAMBDA;
    }
    const int code = avcodec_open2(encoder_.get(), codec, nullptr);
    return code < 0 ? failed(std::string("start the encoder ") + codec->name, code) : Status();
  }

  Status make_frame() {
    frame_.reset(av_frame_alloc());
    if (frame_ == nullptr || packet_ == nullptr) return failed("store a picture", AVERROR(ENOMEM));
    frame_->format = AV_PIX_FMT_YUV420P;
    frame_->width = width_;
    frame_->height = height_;
    const int code = av_frame_get_buffer(frame_.get(), 0);
    if (code < 0) return failed("store a picture", code);
    scaler_.reset(sws_getContext(width_, height_, AV_PIX_FMT_RGB24, width_, height_, AV_PIX_FMT_YUV420P, SWS_BILINEAR,
                                 nullptr, nullptr, nullptr));
    if (scaler_ == nullptr) return failed("convert colours", AVERROR(ENOMEM));
    sws_setColorspaceDetails(scaler_.get(), sws_getCoefficients(SWS_CS_DEFAULT), 1, sws_getCoefficients(SWS_CS_ITU709),
                             0, 0, 1 << 16, 1 << 16);
    return {};
  }

  /// Hands a picture (or the end) to the encoder and writes what it has ready.
  Status encode(const AVFrame* frame) {
    int code = avcodec_send_frame(encoder_.get(), frame);
    if (code < 0 && code != AVERROR_EOF) return failed("encode a picture", code);
    while (true) {
      code = avcodec_receive_packet(encoder_.get(), packet_.get());
      if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return {};
      if (code < 0) return failed("encode a picture", code);
      av_packet_rescale_ts(packet_.get(), encoder_->time_base, stream_->time_base);
      packet_->stream_index = stream_->index;
      code = av_interleaved_write_frame(muxer_.get(), packet_.get());
      if (code < 0) return failed("write a picture", code);
    }
  }

  [[nodiscard]] Error failed(const std::string& what, int code) const {
    return {ErrorCode::kResource,
            "cannot write the video " + file_.string() + ": cannot " + what + ": " + av_error_text(code)};
  }

  std::filesystem::path file_;
  VideoWriterOptions options_;
  int width_;
  int height_;
  std::int64_t last_tick_ = -1;
  MuxerHandle muxer_;
  CodecHandle encoder_;
  AVStream* stream_ = nullptr;  ///< Belongs to the muxer.
  FrameHandle frame_;
  PacketHandle packet_;
  ScalerHandle scaler_;
};

}  // namespace

Result<std::unique_ptr<VideoWriter>> VideoWriter::create(const std::filesystem::path& file,
                                                         const VideoWriterOptions& options) {
  if (options.width < 2 || options.height < 2 || options.width > kMaxSidePx || options.height > kMaxSidePx) {
    return Error{ErrorCode::kUsage, "cannot write a video of " + std::to_string(options.width) + "x" +
                                        std::to_string(options.height) + " pixels"};
  }
  route_av_log();
  auto writer = std::make_unique<AvVideoWriter>(file, options);
  CINESCRIBE_TRY(writer->open());
  return std::unique_ptr<VideoWriter>(std::move(writer));
}

}  // namespace cinescribe::media
