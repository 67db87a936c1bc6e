#include "cinescribe/media/picture_converter.h"

#include <algorithm>
#include <utility>

#include "cinescribe/media/turn.h"

namespace cinescribe::media {

namespace {

constexpr int kAlignment = 64;

bool is_full_range(const AVFrame& picture) {
  switch (picture.format) {
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUVJ444P:
    case AV_PIX_FMT_YUVJ440P:
    case AV_PIX_FMT_YUVJ411P:
      return true;
    default:
      return picture.color_range == AVCOL_RANGE_JPEG;
  }
}

/// Whether consumers can convert the planes pixel by pixel and get swscale's result: odd heights take another path
/// inside swscale.
bool is_native(const AVFrame& picture) {
  const bool is_planar = picture.format == AV_PIX_FMT_YUV420P || picture.format == AV_PIX_FMT_YUVJ420P;
  return is_planar && picture.linesize[0] > 0 && picture.height % 2 == 0;
}

std::int16_t fixed_point(std::int64_t value) {
  return static_cast<std::int16_t>(std::clamp<std::int64_t>((value + 32768) >> 16, -32767, 32767));
}

/// What swscale makes of a picture's matrix and range for its fast conversion.
/// @source FFmpeg 5.1, libswscale/yuv2rgb.c, ff_yuv2rgb_c_init_tables
YuvMatrix yuv_matrix(const AVFrame& picture) {
  const int* matrix = sws_getCoefficients(picture.colorspace);
  const bool is_full = is_full_range(picture);
  const auto chroma = [&](std::int64_t factor) { return fixed_point((is_full ? factor * 224 / 255 : factor) * 8192); };
  YuvMatrix yuv;
  yuv.luma_offset = is_full ? 0 : 128;
  yuv.luma = fixed_point((is_full ? 65536 : 65536 * 255 / 219) * std::int64_t{8192});
  yuv.cr_to_red = chroma(matrix[0]);
  yuv.cb_to_blue = chroma(matrix[1]);
  yuv.cb_to_green = chroma(-matrix[2]);
  yuv.cr_to_green = chroma(-matrix[3]);
  return yuv;
}

VideoFrame wrap(const SharedFrame& picture, PixelFormat format) {
  VideoFrame frame;
  frame.format = format;
  frame.width = picture->width;
  frame.height = picture->height;
  const std::size_t planes = format == PixelFormat::kYuv420p ? 3 : 1;
  for (std::size_t i = 0; i < planes; ++i) {
    frame.planes[i] = picture->data[i];
    frame.stride_bytes[i] = picture->linesize[i];
  }
  frame.owner = picture;
  if (format == PixelFormat::kYuv420p) frame.yuv = yuv_matrix(*picture);
  return frame;
}

}  // namespace

PictureConverter::PictureConverter(const FrameRequest& request, int rotation_degrees, Rational sample_aspect)
    : request_(request), rotation_degrees_(rotation_degrees), sample_aspect_(sample_aspect) {}

void PictureConverter::decide(const AVFrame& first) {
  is_decided_ = true;
  const PixelSize decoded{first.width, first.height};
  stored_size_ = request_.square_pixels ? square_pixel_size(decoded, sample_aspect_) : decoded;
  stored_size_ = scaled_to_short_side(stored_size_, request_.short_side_px);
  const bool can_stay = request_.format == FrameRequest::Format::kNative && rotation_degrees_ == 0 && is_native(first);
  target_format_ = can_stay                                          ? AV_PIX_FMT_YUV420P
                   : request_.format == FrameRequest::Format::kRgb24 ? AV_PIX_FMT_RGB24
                                                                     : AV_PIX_FMT_BGR24;
  // swscale's defaults at the same size: what OpenCV does, bit for bit. Resized pictures may cost a little more.
  flags_ = SWS_BICUBIC;
  if (stored_size_ != decoded) flags_ |= SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT;
}

Result<VideoFrame> PictureConverter::convert(const SharedFrame& picture) {
  if (!is_decided_) decide(*picture);
  const PixelFormat format = target_format_ == AV_PIX_FMT_YUV420P ? PixelFormat::kYuv420p
                             : target_format_ == AV_PIX_FMT_RGB24 ? PixelFormat::kRgb24
                                                                  : PixelFormat::kBgr24;
  const bool is_same_size = stored_size_ == PixelSize{picture->width, picture->height};
  if (format == PixelFormat::kYuv420p && is_same_size && is_native(*picture)) return wrap(picture, format);
  CINESCRIBE_ASSIGN(SharedFrame made, scaled(*picture));
  if (rotation_degrees_ == 0) return wrap(made, format);
  CINESCRIBE_ASSIGN(SharedFrame upright, rotated(*made));
  return wrap(upright, format);
}

Result<SharedFrame> PictureConverter::allocate(PoolHandle& pool, PixelSize size) const {
  const Error no_memory{ErrorCode::kResource, "cannot convert a picture of " + std::to_string(size.width) + "x" +
                                                  std::to_string(size.height) + ": out of memory"};
  // Rows are padded as OpenCV's are: swscale's fast paths write whole blocks there, so pixels come out the same.
  const int bytes = av_image_get_buffer_size(target_format_, size.width, size.height, kAlignment);
  if (bytes < 0) return no_memory;
  if (!pool) pool.reset(av_buffer_pool_init(static_cast<std::size_t>(bytes) + kAlignment, nullptr));
  SharedFrame frame(av_frame_alloc(), FrameFreer());
  if (!pool || !frame) return no_memory;
  frame->buf[0] = av_buffer_pool_get(pool.get());
  if (frame->buf[0] == nullptr) return no_memory;
  frame->format = target_format_;
  frame->width = size.width;
  frame->height = size.height;
  const auto address = reinterpret_cast<std::uintptr_t>(frame->buf[0]->data);
  std::uint8_t* aligned = frame->buf[0]->data + (kAlignment - address % kAlignment) % kAlignment;
  if (av_image_fill_arrays(frame->data, frame->linesize, aligned, target_format_, size.width, size.height, kAlignment) <
      0) {
    return no_memory;
  }
  return frame;
}

Status PictureConverter::prepare_scaler(const AVFrame& picture) {
  const ScalerKey key{picture.width, picture.height, picture.format, picture.colorspace, is_full_range(picture)};
  if (scaler_ && key == scaler_key_) return {};
  scaler_key_ = key;
  scaler_.reset(sws_getContext(picture.width, picture.height, static_cast<AVPixelFormat>(picture.format),
                               stored_size_.width, stored_size_.height, target_format_, flags_, nullptr, nullptr,
                               nullptr));
  if (!scaler_) {
    const char* name = av_get_pix_fmt_name(static_cast<AVPixelFormat>(picture.format));
    return Error{ErrorCode::kInput, "cannot convert pictures of " + std::to_string(picture.width) + "x" +
                                        std::to_string(picture.height) + " in format '" +
                                        (name == nullptr ? "unknown" : name) + "'"};
  }
  const AVPixFmtDescriptor* description = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(picture.format));
  const bool is_yuv = description != nullptr && (description->flags & AV_PIX_FMT_FLAG_RGB) == 0;
  if (is_yuv) {
    // The picture says its matrix and range; unknown means BT.601, limited, as in every player built on FFmpeg.
    const int* matrix = sws_getCoefficients(picture.colorspace);
    const bool is_target_full = target_format_ != AV_PIX_FMT_YUV420P || key.is_full_range;
    sws_setColorspaceDetails(scaler_.get(), matrix, key.is_full_range ? 1 : 0, matrix, is_target_full ? 1 : 0, 0,
                             1 << 16, 1 << 16);
  }
  return {};
}

Result<SharedFrame> PictureConverter::scaled(const AVFrame& picture) {
  CINESCRIBE_TRY(prepare_scaler(picture));
  CINESCRIBE_ASSIGN(SharedFrame made, allocate(scaled_pool_, stored_size_));
  const int rows =
      sws_scale(scaler_.get(), picture.data, picture.linesize, 0, picture.height, made->data, made->linesize);
  if (rows <= 0) return Error{ErrorCode::kInternal, "swscale failed: " + av_error_text(rows)};
  made->colorspace = picture.colorspace;
  made->color_range = is_full_range(picture) ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  return made;
}

Result<SharedFrame> PictureConverter::rotated(const AVFrame& picture) {
  CINESCRIBE_ASSIGN(SharedFrame made, allocate(rotated_pool_, turned(stored_size_, rotation_degrees_)));
  turn_24bit(picture.data[0], picture.linesize[0], picture.width, picture.height, rotation_degrees_, made->data[0],
             made->linesize[0]);
  return made;
}

}  // namespace cinescribe::media
