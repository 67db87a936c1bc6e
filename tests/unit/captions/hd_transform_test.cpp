#include "cinescribe/captions/hd_transform.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <gmock/gmock.h>

namespace cinescribe::captions {
namespace {

using ::testing::HasSubstr;

/// The generator of the specification's pixel checks.
Image pattern(int width, int height) {
  Image picture(width, height, 3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      std::uint8_t* pixel = picture.row(y) + static_cast<std::ptrdiff_t>(x) * 3;
      pixel[0] = static_cast<std::uint8_t>(7 * x + 3 * y);
      pixel[1] = static_cast<std::uint8_t>(x * x / 8 + 5 * y);
      pixel[2] = static_cast<std::uint8_t>((x ^ y) * 11);
    }
  }
  return picture;
}

tensor::PixelCard clip_card() {
  tensor::PixelCard card;
  card.mean = {0.48145466, 0.4578275, 0.40821073};
  card.std = {0.26862954, 0.26130258, 0.27577711};
  return card;
}

HdPlan plan(int width, int height, int num_crops) {
  const auto result = plan_hd(width, height, TileShape(), num_crops);
  EXPECT_TRUE(result.ok());
  return *result;
}

std::array<std::int64_t, 3> channel_sums(const Image& picture) {
  std::array<std::int64_t, 3> sums{};
  for (std::size_t i = 0; i < picture.pixels.size(); ++i) sums[i % 3] += picture.pixels[i];
  return sums;
}

std::array<int, 3> pixel_at(const Image& picture, int y, int x) {
  const std::uint8_t* pixel = picture.row(y) + static_cast<std::ptrdiff_t>(x) * 3;
  return {pixel[0], pixel[1], pixel[2]};
}

TEST(HdTransform, a_landscape_picture_has_the_reference_pixels) {
  const HdPlan p = plan(336, 189, 4);
  const auto hd = hd_picture(pattern(336, 189), p, clip_card());
  ASSERT_TRUE(hd.ok());
  EXPECT_EQ(hd->width, 672);
  EXPECT_EQ(hd->height, 672);
  EXPECT_EQ(channel_sums(*hd), (std::array<std::int64_t, 3>{82726880, 82763560, 82662276}));
  EXPECT_EQ(pixel_at(*hd, 336, 224), (std::array{41, 240, 148}));
  EXPECT_EQ(pixel_at(*hd, 336, 0), (std::array{27, 215, 13}));
  EXPECT_EQ(pixel_at(*hd, 343, 671), (std::array{78, 181, 242}));
  TilePixels tiles = hd_tiles(*hd, p, clip_card());
  EXPECT_EQ(tiles.count, 5);
  EXPECT_NEAR(tiles.tile(0)[168 * 336 + 100], 1.3537, 5e-5) << "the global view";
  EXPECT_NEAR(tiles.tile(3)[224], -1.19373, 1e-5) << "row 336 begins in the third crop";
}

TEST(HdTransform, a_large_picture_has_the_reference_pixels) {
  const HdPlan p = plan(1280, 720, 16);
  const auto hd = hd_picture(pattern(1280, 720), p, clip_card());
  ASSERT_TRUE(hd.ok());
  EXPECT_EQ(channel_sums(*hd), (std::array<std::int64_t, 3>{229483356, 229412341, 229472896}));
  EXPECT_EQ(pixel_at(*hd, 504, 560), (std::array{227, 83, 92}));
  TilePixels tiles = hd_tiles(*hd, p, clip_card());
  EXPECT_EQ(tiles.count, 16);
  EXPECT_NEAR(tiles.tile(0)[168 * 336 + 100], 0.77706, 5e-5);
}

TEST(HdTransform, a_portrait_picture_is_transposed_and_back) {
  const HdPlan p = plan(189, 336, 4);
  EXPECT_TRUE(p.is_transposed);
  const auto hd = hd_picture(pattern(189, 336), p, clip_card());
  ASSERT_TRUE(hd.ok());
  EXPECT_EQ(channel_sums(*hd), (std::array<std::int64_t, 3>{82772576, 82736736, 82662276}));
  EXPECT_EQ(pixel_at(*hd, 336, 224), (std::array{51, 190, 56}));
  EXPECT_EQ(pixel_at(*hd, 336, 0), (std::array{255, 255, 255})) << "bars stand left and right";
}

TEST(HdTransform, tokens_depend_on_the_aspect_and_on_the_crops_allowed) {
  EXPECT_EQ(plan(1920, 1080, 4).tokens(), 757);
  EXPECT_EQ(plan(1920, 1080, 16).tokens(), 2353);
  EXPECT_EQ(plan(720, 1280, 16).tokens(), 2377) << "rows and columns swap";
  EXPECT_EQ(plan(100, 1600, 16).tokens(), 2653);
  EXPECT_EQ(plan(1920, 1080, 1).tokens(), 313) << "low detail";
  EXPECT_EQ(plan(1, 1, 4).tokens(), 757);
}

TEST(HdTransform, other_towers_follow_the_same_rules) {
  const auto small = plan_hd(60, 30, TileShape{56, 14}, 2);
  ASSERT_TRUE(small.ok());
  EXPECT_EQ(small->grid_columns(), 2);
  EXPECT_EQ(small->tokens(), 2 * (4 + 1) + 1 + 2 * (2 + 1));
}

TEST(HdTransform, rows_merge_two_by_two_patches_across_crops_with_separators) {
  const auto p = plan_hd(60, 30, TileShape{56, 14}, 2);
  ASSERT_TRUE(p.ok());
  const HdSeparatorRows separators{1000, 2000};
  const auto sub_first = hd_rows(*p, "sub_glb", 0, separators);
  ASSERT_TRUE(sub_first.ok());
  ASSERT_EQ(sub_first->size(), 4U * static_cast<std::size_t>(p->tokens()));
  const auto token = [&](const std::vector<std::int32_t>& rows, std::size_t i) {
    return std::array{rows[4 * i], rows[4 * i + 1], rows[4 * i + 2], rows[4 * i + 3]};
  };
  EXPECT_EQ(token(*sub_first, 0), (std::array{16, 17, 20, 21})) << "first crop: tile 1, behind the global view's 16";
  EXPECT_EQ(token(*sub_first, 1), (std::array{18, 19, 22, 23}));
  EXPECT_EQ(token(*sub_first, 2), (std::array{32, 33, 36, 37})) << "the row goes on in the second crop";
  EXPECT_EQ(token(*sub_first, 4), (std::array{1000, 1001, 1002, 1003})) << "and ends in a newline";
  EXPECT_EQ(token(*sub_first, 5), (std::array{24, 25, 28, 29}));
  EXPECT_EQ(token(*sub_first, 10), (std::array{2000, 2001, 2002, 2003}));
  EXPECT_EQ(token(*sub_first, 11), (std::array{0, 1, 4, 5}));
  EXPECT_EQ(token(*sub_first, 13), (std::array{1000, 1001, 1002, 1003}));

  const auto global_first = hd_rows(*p, "glb_sub", 5, separators);
  ASSERT_TRUE(global_first.ok());
  EXPECT_EQ(token(*global_first, 0), (std::array{5, 6, 9, 10}));
  EXPECT_EQ(token(*global_first, 6), (std::array{2000, 2001, 2002, 2003}));
  EXPECT_EQ(token(*global_first, 7), (std::array{21, 22, 25, 26}));
}

TEST(HdTransform, what_cannot_be_planned_is_an_error_that_says_why) {
  const auto message = [](int width, int height, const TileShape& shape, int num_crops, ErrorCode code) {
    const auto result = plan_hd(width, height, shape, num_crops);
    EXPECT_FALSE(result.ok());
    if (result.ok()) return std::string();
    EXPECT_EQ(result.error().code, code);
    return result.error().message;
  };
  EXPECT_THAT(message(400, 1, TileShape(), 1, ErrorCode::kInput), HasSubstr("too thin"));
  EXPECT_THAT(message(20000, 1, TileShape(), 16, ErrorCode::kInput), HasSubstr("20000 x 1"));
  EXPECT_THAT(message(1, 0, TileShape(), 4, ErrorCode::kInput), HasSubstr("1 x 0"));
  EXPECT_THAT(message(9, 9, TileShape(), 0, ErrorCode::kModel), HasSubstr("num_crops is 0"));
  EXPECT_THAT(message(9, 9, TileShape(), 1 << 30, ErrorCode::kModel), HasSubstr("1 to 256"));
  EXPECT_THAT(message(9, 9, TileShape{42, 14}, 4, ErrorCode::kModel), HasSubstr("merged"));
  EXPECT_EQ(hd_rows(plan(9, 9, 4), "both", 0, {}).error().code, ErrorCode::kModel);
}

TEST(HdTransform, a_picture_that_is_not_the_planned_one_is_refused) {
  EXPECT_EQ(hd_picture(Image(10, 10, 3), plan(10, 9, 4), clip_card()).error().code, ErrorCode::kInput);
  EXPECT_EQ(hd_picture(Image(10, 10, 4), plan(10, 10, 4), clip_card()).error().code, ErrorCode::kInput);
}

}  // namespace
}  // namespace cinescribe::captions
