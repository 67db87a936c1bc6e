#include "cinescribe/captions/tile_pixels.h"

#include <algorithm>
#include <cstdint>

#include <gtest/gtest.h>

namespace cinescribe::captions {
namespace {

tensor::PixelCard clip_card() {
  tensor::PixelCard card;
  card.mean = {0.48145466, 0.4578275, 0.40821073};
  card.std = {0.26862954, 0.26130258, 0.27577711};
  card.rescale_factor = 0.00392156862745098;
  return card;
}

TEST(PixelTable, black_and_white_are_those_of_the_reference) {
  const PixelTable table(clip_card(), ByteScale::kRescaleFactor);
  EXPECT_NEAR(table.channel(0)[0], -1.7922627, 1e-6);
  EXPECT_NEAR(table.channel(1)[0], -1.7520971, 1e-6);
  EXPECT_NEAR(table.channel(2)[0], -1.4802198, 1e-6);
  const PixelTable divided(clip_card(), ByteScale::kDivideBy255);
  EXPECT_NEAR(divided.channel(0)[255], 1.930336, 1e-6);
  EXPECT_NEAR(divided.channel(1)[255], 2.074884, 1e-6);
  EXPECT_NEAR(divided.channel(2)[255], 2.145897, 1e-6);
}

TEST(PixelTable, the_two_ways_to_scale_differ_in_the_last_bit_only) {
  const PixelTable rescaled(clip_card(), ByteScale::kRescaleFactor);
  const PixelTable divided(clip_card(), ByteScale::kDivideBy255);
  for (std::size_t byte = 0; byte < 256; ++byte) {
    EXPECT_NEAR(rescaled.channel(0)[byte], divided.channel(0)[byte], 3e-7);
  }
}

TEST(PixelTable, a_square_is_cut_out_channel_by_channel) {
  Image picture(4, 3, 3);
  for (std::size_t i = 0; i < picture.pixels.size(); ++i) picture.pixels[i] = static_cast<std::uint8_t>(i);
  tensor::PixelCard card;
  card.mean = {0.0, 0.0, 0.0};
  card.std = {1.0, 1.0, 1.0};
  card.rescale_factor = 1.0;
  std::vector<float> out(12);
  PixelTable(card, ByteScale::kRescaleFactor).write_square(picture, 1, 1, 2, out);
  EXPECT_EQ(out, (std::vector<float>{15, 18, 27, 30, 16, 19, 28, 31, 17, 20, 29, 32}));
}

TEST(SquashedTile, any_shape_becomes_one_square) {
  for (const auto& [width, height] : {std::pair{1, 1}, {20000, 1}, {3, 500}, {224, 224}}) {
    Image picture(width, height, 3);
    std::fill(picture.pixels.begin(), picture.pixels.end(), std::uint8_t{200});
    auto tile = squashed_tile(picture, 224, clip_card());
    ASSERT_TRUE(tile.ok()) << tile.error().message;
    EXPECT_EQ(tile->count, 1);
    EXPECT_EQ(tile->values.size(), 3U * 224 * 224);
    const float expected = PixelTable(clip_card(), ByteScale::kRescaleFactor).channel(0)[200];
    EXPECT_EQ(tile->values.front(), expected);
    EXPECT_EQ(tile->values[224 * 224 - 1], expected);
  }
}

TEST(SquashedTile, a_picture_without_pixels_or_colours_is_refused) {
  EXPECT_EQ(squashed_tile(Image(), 224, clip_card()).error().code, ErrorCode::kInput);
  EXPECT_NE(squashed_tile(Image(5, 5, 1), 224, clip_card()).error().message.find("1 channels"), std::string::npos);
  tensor::PixelCard card = clip_card();
  card.resize_order = "diagonal";
  EXPECT_EQ(squashed_tile(Image(5, 5, 3), 224, card).error().code, ErrorCode::kModel);
}

}  // namespace
}  // namespace cinescribe::captions
