#include "cinescribe/image/resize_pillow.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cinescribe/image/resize_loops.h"

namespace cinescribe::image {
namespace {

/// The generator of make_resize_pillow.py.
Image noise(int width, int height, int channels, std::uint32_t seed) {
  Image picture(width, height, channels);
  for (auto& value : picture.pixels) {
    seed = seed * 1664525U + 1013904223U;
    value = static_cast<std::uint8_t>(seed >> 24U);
  }
  return picture;
}

std::string fnv1a(const Image& picture) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const std::uint8_t value : picture.pixels) hash = (hash ^ value) * 0x100000001B3U;
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(hash));
  return text.data();
}

TEST(ResizePillow, every_stored_case_has_the_same_bits_in_both_orders) {
  std::ifstream file(CINESCRIBE_TEST_DATA "/image/resize_pillow.json");
  const auto golden = nlohmann::json::parse(file, nullptr, false);
  ASSERT_FALSE(golden.is_discarded());
  ASSERT_GT(golden.at("cases").size(), 100U);
  int different = 0;
  for (const auto& c : golden.at("cases")) {
    const Image source = noise(c["source"][0], c["source"][1], c["channels"], c["seed"]);
    const auto filter = c["filter"] == "bicubic" ? PillowFilter::kBicubic : PillowFilter::kBilinear;
    const int width = c["target"][0];
    const int height = c["target"][1];
    const Image first = resize_pillow(source, width, height, filter, PassOrder::kHorizontalFirst);
    const Image second = resize_pillow(source, width, height, filter, PassOrder::kPillow13);
    EXPECT_EQ(first.width, width);
    EXPECT_EQ(first.height, height);
    EXPECT_EQ(fnv1a(first), c["horizontal_first"].get<std::string>()) << c.dump();
    EXPECT_EQ(fnv1a(second), c["pillow13"].get<std::string>()) << c.dump();
    different += first.pixels != second.pixels ? 1 : 0;
  }
  EXPECT_GT(different, 0) << "no stored case tells the two orders apart";
}

TEST(ResizePillow, the_same_size_gives_the_same_picture) {
  const Image source = noise(33, 21, 3, 5);
  EXPECT_EQ(resize_pillow(source, 33, 21, PillowFilter::kBicubic, PassOrder::kPillow13).pixels, source.pixels);
}

TEST(ResizePillow, a_picture_of_one_colour_keeps_it) {
  for (const int value : {0, 1, 127, 255}) {
    Image source(31, 17, 3);
    std::fill(source.pixels.begin(), source.pixels.end(), static_cast<std::uint8_t>(value));
    for (const auto filter : {PillowFilter::kBicubic, PillowFilter::kBilinear}) {
      for (const std::uint8_t pixel : resize_pillow(source, 90, 5, filter, PassOrder::kHorizontalFirst).pixels) {
        ASSERT_EQ(pixel, value);
      }
    }
  }
}

TEST(ResizePillow, a_very_wide_picture_shrinks_to_a_tile) {
  const Image tile = resize_pillow(noise(20000, 2, 3, 9), 336, 336, PillowFilter::kBicubic, PassOrder::kPillow13);
  EXPECT_EQ(tile.width, 336);
  EXPECT_EQ(tile.height, 336);
  EXPECT_EQ(tile.pixels.size(), 336U * 336U * 3U);
}

TEST(ResizePillow, the_vertical_pass_is_first_only_where_pillow_13_does_so) {
  EXPECT_FALSE(is_vertical_first(PassOrder::kHorizontalFirst, 100, 1000, 100, 10));
  EXPECT_TRUE(is_vertical_first(PassOrder::kPillow13, 720, 1280, 336, 336));
  EXPECT_FALSE(is_vertical_first(PassOrder::kPillow13, 1280, 720, 336, 336));
  EXPECT_FALSE(is_vertical_first(PassOrder::kPillow13, 100, 100, 90, 80)) << "exactly twice is not more than twice";
  EXPECT_TRUE(is_vertical_first(PassOrder::kPillow13, 100, 100, 90, 79));
  EXPECT_FALSE(is_vertical_first(PassOrder::kPillow13, 10, 10, 100, 20)) << "the height grows";
}

TEST(ResizePillow, an_unknown_order_is_an_error_that_names_it) {
  EXPECT_EQ(*pass_order_from_name("horizontal_first"), PassOrder::kHorizontalFirst);
  EXPECT_EQ(*pass_order_from_name("pillow13"), PassOrder::kPillow13);
  const auto unknown = pass_order_from_name("pillow14");
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, ErrorCode::kModel);
  EXPECT_NE(unknown.error().message.find("pillow14"), std::string::npos);
}

TEST(ResizePillow, the_loops_of_all_instruction_sets_give_the_same_bits) {
  const Image rows = noise(211, 9, 1, 3);
  const std::vector<std::int32_t> weights = {-300000, 900000, 4000000, 900000, -500000, -300000, 2000, -4, -507694};
  std::vector<std::uint8_t> plain(211);
  std::vector<std::uint8_t> fast(211);
  portable_weighted_rows()(211, 9, rows.pixels.data(), 211, weights.data(), plain.data());
  weighted_rows()(211, 9, rows.pixels.data(), 211, weights.data(), fast.data());
  EXPECT_EQ(plain, fast);
  EXPECT_EQ(*std::min_element(plain.begin(), plain.end()), 0) << "no sum below the range was tried";
  EXPECT_EQ(*std::max_element(plain.begin(), plain.end()), 255) << "no sum above the range was tried";
}

}  // namespace
}  // namespace cinescribe::image
