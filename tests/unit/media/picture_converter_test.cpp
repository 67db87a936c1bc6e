// What consumers make of native planes against what swscale makes of the same picture, for every matrix and range.

#include "cinescribe/media/picture_converter.h"

#include <cstdint>
#include <utility>

#include <gtest/gtest.h>

#include "cinescribe/scenes/kernels.h"

namespace cinescribe::media {
namespace {

SharedFrame noise(int width, int height, AVPixelFormat format, AVColorSpace matrix, AVColorRange range) {
  SharedFrame frame(av_frame_alloc(), FrameFreer());
  frame->width = width;
  frame->height = height;
  frame->format = format;
  frame->colorspace = matrix;
  frame->color_range = range;
  EXPECT_EQ(av_frame_get_buffer(frame.get(), 0), 0);
  std::uint32_t seed = 99;
  for (int plane = 0; plane < 3; ++plane) {
    const int rows = plane == 0 ? height : (height + 1) / 2;
    for (int i = 0; i < rows * frame->linesize[plane]; ++i) {
      seed = seed * 1664525U + 1013904223U;
      frame->data[plane][i] = static_cast<std::uint8_t>(seed >> 24U);
    }
  }
  return frame;
}

VideoFrame converted(const SharedFrame& frame, FrameRequest::Format format) {
  FrameRequest request;
  request.format = format;
  PictureConverter converter(request, 0, Rational{1, 1});
  auto picture = converter.convert(frame);
  EXPECT_TRUE(picture.ok());
  return picture.ok() ? *std::move(picture) : VideoFrame();
}

int differing_pixels(const VideoFrame& planar, const VideoFrame& bgr) {
  int differing = 0;
  for (int y = 0; y < planar.height; ++y) {
    for (int x = 0; x < planar.width; ++x) {
      const std::uint8_t* luma = planar.planes[0] + planar.stride_bytes[0] * y + x;
      const std::uint8_t* cb = planar.planes[1] + planar.stride_bytes[1] * (y / 2) + x / 2;
      const std::uint8_t* cr = planar.planes[2] + planar.stride_bytes[2] * (y / 2) + x / 2;
      std::uint8_t made[3] = {};
      scenes::portable_kernels().yuv_to_bgr(planar.yuv, 1, luma, cb, cr, made, made + 1, made + 2);
      const std::uint8_t* pixel = bgr.planes[0] + bgr.stride_bytes[0] * y + 3 * x;
      differing += made[0] != pixel[0] || made[1] != pixel[1] || made[2] != pixel[2] ? 1 : 0;
    }
  }
  return differing;
}

TEST(PictureConverter, NativePlanesOfEveryMatrixAndRangeGiveSwscalesColours) {
#if !defined(__x86_64__)
  GTEST_SKIP() << "swscale rounds differently on other processors";
#endif
  for (const AVColorSpace matrix : {AVCOL_SPC_UNSPECIFIED, AVCOL_SPC_BT709, AVCOL_SPC_FCC, AVCOL_SPC_BT470BG,
                                    AVCOL_SPC_SMPTE170M, AVCOL_SPC_SMPTE240M, AVCOL_SPC_BT2020_NCL}) {
    for (const auto& [format, range] :
         {std::pair(AV_PIX_FMT_YUV420P, AVCOL_RANGE_UNSPECIFIED), std::pair(AV_PIX_FMT_YUV420P, AVCOL_RANGE_MPEG),
          std::pair(AV_PIX_FMT_YUV420P, AVCOL_RANGE_JPEG), std::pair(AV_PIX_FMT_YUVJ420P, AVCOL_RANGE_JPEG)}) {
      const SharedFrame frame = noise(256, 96, format, matrix, range);
      const VideoFrame planar = converted(frame, FrameRequest::Format::kNative);
      ASSERT_EQ(planar.format, PixelFormat::kYuv420p);
      EXPECT_EQ(planar.planes[0], frame->data[0]);  // no copy
      const VideoFrame bgr = converted(frame, FrameRequest::Format::kBgr24);
      EXPECT_EQ(differing_pixels(planar, bgr), 0)
          << "matrix " << matrix << ", format " << format << ", range " << range;
    }
  }
}

TEST(PictureConverter, ResizedPlanesKeepTheirMatrixAndRange) {
  const SharedFrame frame = noise(256, 96, AV_PIX_FMT_YUV420P, AVCOL_SPC_BT709, AVCOL_RANGE_JPEG);
  FrameRequest request;
  request.short_side_px = 48;
  PictureConverter converter(request, 0, Rational{1, 1});
  const auto half = converter.convert(frame);
  ASSERT_TRUE(half.ok());
  EXPECT_EQ(half->format, PixelFormat::kYuv420p);
  EXPECT_EQ(half->height, 48);
  EXPECT_EQ(half->yuv, converted(frame, FrameRequest::Format::kNative).yuv);
}

TEST(PictureConverter, OddHeightsAndOtherSamplingBecomeColours) {
  EXPECT_EQ(
      converted(noise(64, 33, AV_PIX_FMT_YUV420P, AVCOL_SPC_BT709, AVCOL_RANGE_MPEG), FrameRequest::Format::kNative)
          .format,
      PixelFormat::kBgr24);
  SharedFrame wide(av_frame_alloc(), FrameFreer());
  wide->width = 64;
  wide->height = 32;
  wide->format = AV_PIX_FMT_YUV444P;
  ASSERT_EQ(av_frame_get_buffer(wide.get(), 0), 0);
  EXPECT_EQ(converted(wide, FrameRequest::Format::kNative).format, PixelFormat::kBgr24);
}

}  // namespace
}  // namespace cinescribe::media
