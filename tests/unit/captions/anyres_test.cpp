#include "cinescribe/captions/anyres.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include <gmock/gmock.h>

namespace cinescribe::captions {
namespace {

using ::testing::HasSubstr;
using Pinpoints = std::vector<std::array<int, 2>>;

const Pinpoints kPinpoints = {{336, 672}, {672, 336}, {672, 672}, {1008, 336}, {336, 1008}};

tensor::PixelCard card_with(const Pinpoints& pinpoints = kPinpoints) {
  tensor::PixelCard card;
  card.mean = {0.5, 0.4, 0.3};
  card.std = {0.2, 0.25, 0.5};
  card.pinpoints_hw = pinpoints;
  return card;
}

AnyresPlan plan(int width, int height) {
  const auto result = plan_anyres(width, height, TileShape(), card_with(), false);
  EXPECT_TRUE(result.ok());
  return *result;
}

TEST(Anyres, of_equally_good_canvases_the_first_is_taken) {
  EXPECT_EQ(select_best_resolution(336, 189, kPinpoints), (std::array{336, 672}));
  const Pinpoints swapped = {{672, 336}, {336, 672}};
  EXPECT_EQ(select_best_resolution(336, 189, swapped), (std::array{672, 336}));
}

TEST(Anyres, content_is_rounded_up_in_double) {
  EXPECT_EQ(plan(500, 375).content_height, 505) << "float arithmetic gives 504";
  EXPECT_EQ(plan(500, 375).pad_top, 83);
  EXPECT_EQ(plan(500, 375).pad_bottom, 84) << "the odd pixel goes to the bottom";
}

TEST(Anyres, kept_cells_follow_from_the_picture_not_from_the_padding) {
  EXPECT_EQ(plan(336, 189).pad_left, 37);
  EXPECT_EQ(plan(336, 189).kept_left, 3) << "37 px are less than 3 cells of 14";
  EXPECT_EQ(plan(336, 189).kept_columns, 42);
  EXPECT_EQ(plan(640, 360).kept_rows, 28) << "one more than 27: the rest of an odd difference stays";
}

TEST(Anyres, pictures_thinner_than_a_cell_keep_newlines_or_nothing) {
  EXPECT_EQ(plan(2000, 1).tokens(), 576);
  EXPECT_EQ(plan(1, 2000).tokens(), 576 + 24);
  EXPECT_EQ(plan(1, 1).tokens(), plan(336, 336).tokens());
}

TEST(Anyres, the_widest_pictures_have_a_plan_and_pixels) {
  const AnyresPlan wide = plan(20000, 3);
  Image picture(20000, 3, 3);
  const auto tiles = anyres_tiles(picture, wide, card_with());
  ASSERT_TRUE(tiles.ok()) << tiles.error().message;
  EXPECT_EQ(tiles->count, wide.tiles());
}

TEST(Anyres, low_detail_is_the_base_tile_alone) {
  const auto low = plan_anyres(1920, 1080, TileShape(), card_with({}), true);
  ASSERT_TRUE(low.ok()) << "pinpoints are not needed";
  EXPECT_EQ(low->tokens(), 576);
  EXPECT_EQ(low->tiles(), 1);
  EXPECT_FALSE(low->has_grid());
  EXPECT_EQ(anyres_rows(*low, 10, 999).size(), 576U);
  EXPECT_EQ(anyres_rows(*low, 10, 999).front(), 10);
  const auto tiles = anyres_tiles(Image(1920, 1080, 3), *low, card_with());
  ASSERT_TRUE(tiles.ok());
  EXPECT_EQ(tiles->count, 1);
  EXPECT_EQ(tiles->values.size(), 3U * 336 * 336);
}

TEST(Anyres, other_towers_and_pinpoints_follow_the_same_rules) {
  const auto small = plan_anyres(40, 20, TileShape{28, 14}, card_with({{28, 56}, {28, 28}}), false);
  ASSERT_TRUE(small.ok());
  EXPECT_EQ(small->tiles(), 3);
  EXPECT_EQ(small->tokens(), 4 + 2 * (4 + 1));
}

/// Rows by laying all cells out on the whole canvas.
std::vector<std::int32_t> rows_by_layout(const AnyresPlan& p, std::int32_t newline) {
  const int side = p.shape.patches();
  std::vector<std::vector<std::int32_t>> canvas(
      static_cast<std::size_t>(side * p.grid_rows()),
      std::vector<std::int32_t>(static_cast<std::size_t>(side * p.grid_columns())));
  std::int32_t next = side * side;
  for (int tile_y = 0; tile_y < p.grid_rows(); ++tile_y) {
    for (int tile_x = 0; tile_x < p.grid_columns(); ++tile_x) {
      for (int y = 0; y < side; ++y) {
        for (int x = 0; x < side; ++x) {
          canvas[static_cast<std::size_t>(tile_y * side + y)][static_cast<std::size_t>(tile_x * side + x)] = next++;
        }
      }
    }
  }
  std::vector<std::int32_t> rows;
  for (int i = 0; i < side * side; ++i) rows.push_back(i);
  for (int y = 0; y < p.kept_rows; ++y) {
    const auto& line = canvas[static_cast<std::size_t>(p.kept_top + y)];
    rows.insert(rows.end(), line.begin() + p.kept_left, line.begin() + p.kept_left + p.kept_columns);
    rows.push_back(newline);
  }
  return rows;
}

TEST(Anyres, rows_run_over_tile_borders_and_end_in_newlines) {
  for (const auto& [width, height] : {std::pair{640, 360}, {360, 640}, {1008, 336}, {336, 1008}, {99, 1234}}) {
    const AnyresPlan p = plan(width, height);
    EXPECT_EQ(anyres_rows(p, 0, -7), rows_by_layout(p, -7)) << width << " x " << height;
    EXPECT_EQ(static_cast<int>(anyres_rows(p, 0, -7).size()), p.tokens());
  }
}

TEST(Anyres, tiles_hold_the_picture_between_black_bars) {
  Image white(672, 336, 3);
  std::fill(white.pixels.begin(), white.pixels.end(), std::uint8_t{255});
  const auto p = plan_anyres(672, 336, TileShape(), card_with({{672, 672}}), false);
  ASSERT_TRUE(p.ok());
  EXPECT_EQ(p->pad_top, 168);
  auto tiles = anyres_tiles(white, *p, card_with());
  ASSERT_TRUE(tiles.ok());
  const float light = (1.0F - 0.5F) / 0.2F;
  const float dark = (0.0F - 0.5F) / 0.2F;
  EXPECT_EQ(tiles->tile(0)[0], light) << "the base tile has no bars";
  EXPECT_EQ(tiles->tile(1)[0], dark);
  EXPECT_EQ(tiles->tile(1)[167 * 336], dark);
  EXPECT_EQ(tiles->tile(1)[168 * 336], light);
  EXPECT_EQ(tiles->tile(3)[167 * 336 + 5], light);
  EXPECT_EQ(tiles->tile(3)[168 * 336 + 5], dark);
}

TEST(Anyres, what_cannot_be_planned_is_an_error_that_says_why) {
  const auto message = [](int width, int height, const TileShape& shape, const Pinpoints& pinpoints, ErrorCode code) {
    const auto result = plan_anyres(width, height, shape, card_with(pinpoints), false);
    EXPECT_FALSE(result.ok());
    if (result.ok()) return std::string();
    EXPECT_EQ(result.error().code, code);
    return result.error().message;
  };
  EXPECT_THAT(message(0, 5, TileShape(), kPinpoints, ErrorCode::kInput), HasSubstr("0 x 5"));
  EXPECT_THAT(message(5, 5, TileShape(), {}, ErrorCode::kModel), HasSubstr("image_grid_pinpoints"));
  EXPECT_THAT(message(5, 5, TileShape(), {{336, 600}}, ErrorCode::kModel), HasSubstr("width 600"));
  EXPECT_THAT(message(5, 5, TileShape(), {{0, 336}}, ErrorCode::kModel), HasSubstr("height 0"));
  EXPECT_THAT(message(5, 5, TileShape(), {{336 * 1000, 336 * 1000}}, ErrorCode::kModel), HasSubstr("too large"));
  EXPECT_THAT(message(5, 5, TileShape{10, 14}, kPinpoints, ErrorCode::kModel), HasSubstr("no patch"));
}

TEST(Anyres, a_picture_that_is_not_the_planned_one_is_refused) {
  EXPECT_EQ(anyres_tiles(Image(10, 10, 3), plan(10, 11), card_with()).error().code, ErrorCode::kInput);
  EXPECT_EQ(anyres_tiles(Image(10, 10, 1), plan(10, 10), card_with()).error().code, ErrorCode::kInput);
  EXPECT_EQ(anyres_tiles(Image(), plan(10, 10), card_with()).error().code, ErrorCode::kInput);
  tensor::PixelCard card = card_with();
  card.resize_order = "sideways";
  EXPECT_EQ(anyres_tiles(Image(10, 10, 3), plan(10, 10), card).error().code, ErrorCode::kModel);
}

}  // namespace
}  // namespace cinescribe::captions
