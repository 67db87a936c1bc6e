#include "cinescribe/image/letterbox.h"

#include <cstdint>

#include <gtest/gtest.h>

#include "cinescribe/image/letterbox_loops.h"
#include "cinescribe/image/resize_opencv.h"

namespace cinescribe::image {
namespace {

std::uint32_t random_state = 1;
std::uint8_t random_byte() {
  random_state = random_state * 1664525U + 1013904223U;
  return static_cast<std::uint8_t>(random_state >> 24U);
}

Image random_picture(int width, int height) {
  Image picture(width, height, 3);
  for (auto& value : picture.pixels) value = random_byte();
  return picture;
}

/// The same by the plain functions: resize, paste, turn to planes.
std::vector<float> by_hand(const Image& picture, const Letterbox& box, const LetterboxFill& fill) {
  const Image small = resize_opencv_linear(picture, box.resized_width, box.resized_height);
  const auto level = [&](int value) {
    return fill.is_scaled ? static_cast<float>(value) / 255.0F : static_cast<float>(value);
  };
  const std::size_t plane = static_cast<std::size_t>(box.net_width) * static_cast<std::size_t>(box.net_height);
  std::vector<float> tensor(3 * plane, level(fill.border_value));
  for (int y = 0; y < small.height; ++y) {
    for (int x = 0; x < small.width; ++x) {
      for (std::size_t c = 0; c < 3; ++c) {
        const std::size_t at = static_cast<std::size_t>(box.top + y) * static_cast<std::size_t>(box.net_width) +
                               static_cast<std::size_t>(box.left + x);
        tensor[c * plane + at] = level(small.row(y)[3 * x + static_cast<int>(fill.is_bgr ? 2 - c : c)]);
      }
    }
  }
  return tensor;
}

TEST(Letterbox, PlacesPicturesAsTheReferencesDo) {
  const auto hd = letterbox_centred(1280, 720, 640, 640);
  EXPECT_EQ(hd.resized_width, 640);
  EXPECT_EQ(hd.resized_height, 360);
  EXPECT_EQ(hd.top, 140);
  EXPECT_EQ(hd.left, 0);
  // Borders of half a pixel go to the far side; sizes round half to even.
  const auto odd = letterbox_centred(333, 500, 256, 256);
  EXPECT_EQ(odd.resized_width, 170);
  EXPECT_EQ(odd.left, 43);
  EXPECT_DOUBLE_EQ(odd.gain_x, 170.0 / 333.0);
  const auto corner = letterbox_top_left(777, 131, 416, 416);
  EXPECT_EQ(corner.resized_width, 416);
  EXPECT_EQ(corner.resized_height, 70);
  EXPECT_EQ(corner.left + corner.top, 0);
  const auto stretched = letterbox_stretched(100, 200, 50, 50);
  EXPECT_DOUBLE_EQ(stretched.picture_x(25.0), 50.0);
  EXPECT_DOUBLE_EQ(stretched.picture_y(25.0), 100.0);
}

TEST(Letterbox, NeverShrinksAPictureToNothing) {
  for (const auto& place : {letterbox_centred, letterbox_top_left, letterbox_stretched}) {
    const auto box = place(1, 5000, 64, 64);
    EXPECT_GE(box.resized_width, 1);
    EXPECT_LE(box.left + box.resized_width, 64);
    const auto wide = place(5000, 1, 64, 64);
    EXPECT_GE(wide.resized_height, 1);
    EXPECT_LE(wide.top + wide.resized_height, 64);
  }
}

TEST(Letterbox, EqualsResizingAndPastingOnEveryKindOfScale) {
  // Plain copy, mean of 2 × 2, shrinking, growing, growing one axis only, single pixels.
  const std::pair<int, int> sizes[] = {{64, 48}, {128, 96}, {200, 111}, {17, 9}, {64, 3}, {1, 1}, {3, 640}};
  for (const auto& [width, height] : sizes) {
    const Image picture = random_picture(width, height);
    for (const auto& place : {letterbox_centred, letterbox_top_left, letterbox_stretched}) {
      const auto box = place(width, height, 64, 48);
      for (const LetterboxFill fill : {LetterboxFill{false, true, 114}, LetterboxFill{true, false, 0}}) {
        std::vector<float> tensor(3 * 64 * 48, -1.0F);
        write_letterboxed(picture, box, fill, tensor);
        EXPECT_EQ(tensor, by_hand(picture, box, fill)) << width << "x" << height;
      }
    }
  }
}

TEST(Letterbox, ReadsBgrAndRgbAlike) {
  const Image rgb = random_picture(50, 40);
  Image bgr = rgb;
  for (std::size_t i = 0; i < bgr.pixels.size(); i += 3) std::swap(bgr.pixels[i], bgr.pixels[i + 2]);
  PixelView view(bgr);
  view.format = PixelFormat::kBgr24;
  const auto box = letterbox_centred(50, 40, 32, 32);
  std::vector<float> from_rgb(3 * 32 * 32);
  std::vector<float> from_bgr(3 * 32 * 32);
  write_letterboxed(rgb, box, {}, from_rgb);
  write_letterboxed(view, box, {}, from_bgr);
  EXPECT_EQ(from_rgb, from_bgr);
}

TEST(Letterbox, ReadsPlanesAsIfTheyWereTurnedToBgrFirst) {
  for (const auto& [width, height] :
       {std::pair(64, 48), std::pair(128, 96), std::pair(90, 50), std::pair(33, 20), std::pair(200, 112),
        std::pair(201, 112), std::pair(17, 10), std::pair(2, 2), std::pair(1, 2), std::pair(640, 4)}) {
    const int chroma_width = (width + 1) / 2;
    std::vector<std::uint8_t> luma(static_cast<std::size_t>(width * height));
    std::vector<std::uint8_t> cb(static_cast<std::size_t>(chroma_width * (height / 2)));
    std::vector<std::uint8_t> cr(cb.size());
    for (auto* plane : {&luma, &cb, &cr}) {
      for (auto& value : *plane) value = random_byte();
    }
    PixelView view;
    view.format = PixelFormat::kYuv420p;
    view.planes = {luma.data(), cb.data(), cr.data()};
    view.stride_bytes = {width, chroma_width, chroma_width};
    view.width = width;
    view.height = height;
    if (width % 2 == 1) view.yuv = {0, 8192, 11485, -2819, -5850, 14516};  // BT.601, full range
    Image picture(width, height, 3);
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        const int chroma = (y / 2) * chroma_width + x / 2;
        std::uint8_t* pixel = picture.row(y) + 3 * x;
        portable_letterbox_loops().yuv_to_bgr(view.yuv, 1, &luma[static_cast<std::size_t>(y * width + x)],
                                              &cb[static_cast<std::size_t>(chroma)],
                                              &cr[static_cast<std::size_t>(chroma)], pixel + 2, pixel + 1, pixel);
      }
    }
    const auto box = letterbox_centred(width, height, 64, 48);
    std::vector<float> from_planes(3 * 64 * 48);
    std::vector<float> from_picture(3 * 64 * 48);
    write_letterboxed(view, box, {}, from_planes);
    write_letterboxed(picture, box, {}, from_picture);
    EXPECT_EQ(from_planes, from_picture) << width << "x" << height;
  }
}

}  // namespace
}  // namespace cinescribe::image
