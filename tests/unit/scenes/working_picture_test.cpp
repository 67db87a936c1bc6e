#include "cinescribe/scenes/working_picture.h"

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

extern "C" {
#include <libswscale/swscale.h>
}

#include "unit/scenes/test_frames.h"
#include <gtest/gtest.h>

namespace cinescribe::scenes {
namespace {

constexpr std::ptrdiff_t kPadding = 64;

struct Planar {
  std::array<std::vector<std::uint8_t>, 3> planes;
  VideoFrame frame;
};

/// Noise with padded rows, as a decoder makes them.
std::unique_ptr<Planar> planar_noise(int width, int height) {
  auto picture = std::make_unique<Planar>();
  VideoFrame& frame = picture->frame;
  frame.format = PixelFormat::kYuv420p;
  frame.width = width;
  frame.height = height;
  std::uint32_t x = 17;
  for (std::size_t p = 0; p < 3; ++p) {
    const int rows = p == 0 ? height : (height + 1) / 2;
    const int columns = p == 0 ? width : (width + 1) / 2;
    frame.stride_bytes[p] = (columns + kPadding) / 32 * 32 + 32;
    picture->planes[p].resize(static_cast<std::size_t>(frame.stride_bytes[p] * rows));
    for (auto& value : picture->planes[p]) {
      x = x * 1664525U + 1013904223U;
      value = static_cast<std::uint8_t>(x >> 24U);
    }
    frame.planes[p] = picture->planes[p].data();
  }
  return picture;
}

/// The whole frame by swscale.
Image bgr_by_swscale(const VideoFrame& frame) {
  const int stride = (frame.width * 3 + 127) / 64 * 64;
  std::vector<std::uint8_t> padded(static_cast<std::size_t>(stride * frame.height) + 64);
  SwsContext* context = sws_getContext(frame.width, frame.height, AV_PIX_FMT_YUV420P, frame.width, frame.height,
                                       AV_PIX_FMT_BGR24, SWS_BICUBIC, nullptr, nullptr, nullptr);
  EXPECT_NE(context, nullptr);
  const std::uint8_t* const in[4] = {frame.planes[0], frame.planes[1], frame.planes[2], nullptr};
  const int in_strides[4] = {static_cast<int>(frame.stride_bytes[0]), static_cast<int>(frame.stride_bytes[1]),
                             static_cast<int>(frame.stride_bytes[2]), 0};
  std::uint8_t* const out[4] = {padded.data(), nullptr, nullptr, nullptr};
  const int out_strides[4] = {stride, 0, 0, 0};
  EXPECT_EQ(sws_scale(context, in, in_strides, 0, frame.height, out, out_strides), frame.height);
  sws_freeContext(context);
  Image image(frame.width, frame.height, 3);
  for (int y = 0; y < frame.height; ++y) {
    std::copy_n(padded.data() + static_cast<std::ptrdiff_t>(y) * stride, image.stride_bytes(), image.row(y));
  }
  return image;
}

std::vector<std::uint8_t> interleaved(const WorkingPicture& picture) {
  std::vector<std::uint8_t> pixels;
  for (std::size_t i = 0; i < picture.pixel_count(); ++i) {
    pixels.insert(pixels.end(), {picture.blue[i], picture.green[i], picture.red[i]});
  }
  return pixels;
}

TEST(WorkingPicture, the_longer_side_becomes_256_pixels) {
  EXPECT_EQ(WorkingSize::of(1280, 720), (WorkingSize{256, 144}));
  EXPECT_EQ(WorkingSize::of(320, 180), (WorkingSize{256, 144}));
  EXPECT_EQ(WorkingSize::of(192, 320), (WorkingSize{154, 256}));
  EXPECT_EQ(WorkingSize::of(240, 180), (WorkingSize{240, 180}));
  EXPECT_EQ(WorkingSize::of(256, 100), (WorkingSize{256, 100}));
  EXPECT_EQ(WorkingSize::of(100000, 3), (WorkingSize{256, 1}));
}

TEST(WorkingPicture, a_planar_frame_gives_what_swscale_and_opencv_give) {
#if !defined(__x86_64__)
  GTEST_SKIP() << "swscale rounds differently on other processors";
#endif
  const std::vector<std::pair<int, int>> sizes = {{1280, 720}, {1920, 1080}, {320, 180},  {512, 288}, {854, 480},
                                                  {853, 480},  {321, 182},   {240, 180},  {180, 320}, {1024, 2},
                                                  {257, 256},  {3, 4},       {2048, 1152}};
  for (const auto& [width, height] : sizes) {
    const auto planar = planar_noise(width, height);
    const Image whole = bgr_by_swscale(planar->frame);
    const WorkingSize size = WorkingSize::of(width, height);
    const Image expected = image::resize_opencv_linear(whole, size.width, size.height);
    PictureReducer reducer;
    WorkingPicture reduced;
    const Status status = reducer.reduce(planar->frame, reduced);
    ASSERT_TRUE(status.ok()) << status.error().message;
    EXPECT_EQ(reduced.width, size.width);
    EXPECT_EQ(reduced.height, size.height);
    EXPECT_EQ(interleaved(reduced), expected.pixels) << width << "x" << height;

    PictureReducer packed_reducer;
    WorkingPicture from_packed;
    ASSERT_TRUE(packed_reducer.reduce(bgr_frame(whole.pixels, width, height), from_packed).ok());
    EXPECT_EQ(interleaved(from_packed), expected.pixels) << width << "x" << height << " packed";
  }
}

TEST(WorkingPicture, rgb_frames_are_bgr_frames_with_red_first) {
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < 300 * 20 * 3; ++i) pixels.push_back(static_cast<std::uint8_t>(i * 7));
  PictureReducer a;
  PictureReducer b;
  WorkingPicture from_bgr;
  WorkingPicture from_rgb;
  VideoFrame frame = bgr_frame(pixels, 300, 20);
  ASSERT_TRUE(a.reduce(frame, from_bgr).ok());
  frame.format = PixelFormat::kRgb24;
  ASSERT_TRUE(b.reduce(frame, from_rgb).ok());
  EXPECT_EQ(from_bgr.blue, from_rgb.red);
  EXPECT_EQ(from_bgr.green, from_rgb.green);
  EXPECT_EQ(from_bgr.red, from_rgb.blue);
}

TEST(WorkingPicture, a_frame_of_another_size_is_an_error_that_names_both) {
  PictureReducer reducer;
  WorkingPicture picture;
  ASSERT_TRUE(reducer.reduce(grey_frame(9, 64, 36), picture).ok());
  const Status status = reducer.reduce(grey_frame(9, 32, 36, 5), picture);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInput);
  EXPECT_NE(status.error().message.find("64x36"), std::string::npos);
  EXPECT_NE(status.error().message.find("32x36"), std::string::npos);
}

TEST(WorkingPicture, a_planar_frame_of_odd_height_is_refused) {
  const auto planar = planar_noise(64, 35);
  PictureReducer reducer;
  WorkingPicture picture;
  EXPECT_FALSE(reducer.reduce(planar->frame, picture).ok());
}

TEST(WorkingPicture, a_frame_without_pixels_is_an_error) {
  PictureReducer reducer;
  WorkingPicture picture;
  EXPECT_FALSE(reducer.reduce(VideoFrame(), picture).ok());
}

}  // namespace
}  // namespace cinescribe::scenes
