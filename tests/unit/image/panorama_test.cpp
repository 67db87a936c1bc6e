#include "cinescribe/image/panorama.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace cinescribe::image {
namespace {

Image plain(int width, int height, std::uint8_t value, int channels = 3) {
  Image picture(width, height, channels);
  std::fill(picture.pixels.begin(), picture.pixels.end(), value);
  return picture;
}

TEST(Panorama, pictures_stand_side_by_side_in_the_order_given) {
  const std::vector<Image> pictures = {plain(2, 2, 10), plain(3, 2, 20), plain(1, 2, 30)};
  const auto panorama = horizontal_panorama(pictures);
  ASSERT_TRUE(panorama.ok());
  ASSERT_EQ(panorama->width, 6);
  ASSERT_EQ(panorama->height, 2);
  for (int y = 0; y < 2; ++y) {
    EXPECT_EQ(panorama->row(y)[0], 10);
    EXPECT_EQ(panorama->row(y)[2 * 3], 20);
    EXPECT_EQ(panorama->row(y)[5 * 3], 30);
  }
}

TEST(Panorama, below_a_lower_picture_stays_black) {
  const std::vector<Image> pictures = {plain(2, 1, 10), plain(2, 3, 20)};
  const auto panorama = horizontal_panorama(pictures);
  ASSERT_TRUE(panorama.ok());
  EXPECT_EQ(panorama->height, 3);
  EXPECT_EQ(panorama->row(0)[0], 10);
  EXPECT_EQ(panorama->row(1)[0], 0);
  EXPECT_EQ(panorama->row(2)[2 * 3], 20);
}

TEST(Panorama, no_picture_an_empty_one_mixed_channels_and_too_many_pixels_are_errors) {
  EXPECT_EQ(horizontal_panorama({}).error().code, ErrorCode::kInput);
  const std::vector<Image> with_empty = {plain(2, 2, 1), Image()};
  EXPECT_EQ(horizontal_panorama(with_empty).error().code, ErrorCode::kInput);
  const std::vector<Image> mixed = {plain(2, 2, 1), plain(2, 2, 1, 1)};
  EXPECT_EQ(horizontal_panorama(mixed).error().code, ErrorCode::kInput);
  const std::vector<Image> large = {plain(20000, 1, 1), plain(1, 20000, 1)};
  EXPECT_NE(horizontal_panorama(large).error().message.find("20001 x 20000"), std::string::npos);
}

}  // namespace
}  // namespace cinescribe::image
