#include "cinescribe/media/turn.h"

#include <vector>

#include <gtest/gtest.h>

#include "cinescribe/media/geometry.h"

namespace cinescribe::media {
namespace {

/// A picture whose pixel (x, y) is {x, y, 7}.
std::vector<std::uint8_t> numbered(int width, int height) {
  std::vector<std::uint8_t> picture;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      picture.insert(picture.end(), {static_cast<std::uint8_t>(x), static_cast<std::uint8_t>(y), std::uint8_t{7}});
    }
  }
  return picture;
}

TEST(Turn, MovesEveryPixelToItsPlaceForEveryQuarter) {
  constexpr int kWidth = 71;
  constexpr int kHeight = 45;
  const auto source = numbered(kWidth, kHeight);
  for (const int degrees : {90, 180, 270}) {
    const PixelSize size = turned({kWidth, kHeight}, degrees);
    std::vector<std::uint8_t> target(source.size(), 255);
    turn_24bit(source.data(), kWidth * 3, kWidth, kHeight, degrees, target.data(), size.width * std::ptrdiff_t{3});
    for (int y = 0; y < kHeight; ++y) {
      for (int x = 0; x < kWidth; ++x) {
        const int to_x = degrees == 90 ? kHeight - 1 - y : degrees == 180 ? kWidth - 1 - x : y;
        const int to_y = degrees == 90 ? x : degrees == 180 ? kHeight - 1 - y : kWidth - 1 - x;
        const std::uint8_t* pixel = &target[static_cast<std::size_t>((to_y * size.width + to_x) * 3)];
        ASSERT_EQ(pixel[0], x);
        ASSERT_EQ(pixel[1], y);
        ASSERT_EQ(pixel[2], 7);
      }
    }
  }
}

TEST(Geometry, StretchesTheWidthToSquarePixels) {
  EXPECT_EQ(square_pixel_size({720, 576}, {16, 15}), (PixelSize{768, 576}));
  EXPECT_EQ(square_pixel_size({720, 480}, {8, 9}), (PixelSize{640, 480}));
  EXPECT_EQ(square_pixel_size({720, 480}, {0, 1}), (PixelSize{720, 480}));
  EXPECT_EQ(square_pixel_size({720, 480}, {1000, 1}), (PixelSize{720, 480}));
}

TEST(Geometry, ScalesToTheShorterSideAndNeverBeyondTheLimits) {
  EXPECT_EQ(scaled_to_short_side({1920, 1080}, 336), (PixelSize{597, 336}));
  EXPECT_EQ(scaled_to_short_side({1080, 1920}, 336), (PixelSize{336, 597}));
  EXPECT_EQ(scaled_to_short_side({16384, 1}, 336), (PixelSize{16384, 1}));
  const PixelSize big = scaled_to_short_side({100, 100}, 16384);
  EXPECT_TRUE(is_sane_size(big.width, big.height));
}

}  // namespace
}  // namespace cinescribe::media
