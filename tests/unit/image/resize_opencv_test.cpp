#include "cinescribe/image/resize_opencv.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace cinescribe::image {
namespace {

/// The generator of make_resize_opencv.py.
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

TEST(ResizeOpencv, every_stored_case_has_the_same_bits) {
  std::ifstream file(CINESCRIBE_TEST_DATA "/image/resize_opencv.json");
  const auto golden = nlohmann::json::parse(file, nullptr, false);
  ASSERT_FALSE(golden.is_discarded());
  ASSERT_GT(golden.at("cases").size(), 100U);
  for (const auto& c : golden.at("cases")) {
    const Image source = noise(c["source"][0], c["source"][1], c["channels"], c["seed"]);
    const int width = c["target"][0];
    const int height = c["target"][1];
    const Image target =
        c["method"] == "area" ? resize_opencv_area(source, width, height) : resize_opencv_linear(source, width, height);
    EXPECT_EQ(target.width, width);
    EXPECT_EQ(target.height, height);
    EXPECT_EQ(fnv1a(target), c["fnv1a"].get<std::string>()) << c.dump();
  }
}

TEST(ResizeOpencv, the_same_size_gives_the_same_picture) {
  const Image source = noise(33, 21, 3, 5);
  EXPECT_EQ(resize_opencv_linear(source, 33, 21).pixels, source.pixels);
  EXPECT_EQ(resize_opencv_area(source, 33, 21).pixels, source.pixels);
}

TEST(ResizeOpencv, an_odd_factor_reads_single_pixels) {
  for (const LinearTap& tap : opencv_linear_taps_x(1280, 256)) {
    EXPECT_EQ(tap.first % 5, 2);
    EXPECT_EQ(tap.first_weight, 2048);
    EXPECT_EQ(tap.second_weight, 0);
  }
}

TEST(ResizeOpencv, weights_of_a_tap_sum_to_2048) {
  for (const auto& taps : {opencv_linear_taps_x(427, 256), opencv_linear_taps_y(240, 144)}) {
    for (const LinearTap& tap : taps) EXPECT_NEAR(tap.first_weight + tap.second_weight, 2048, 1);
  }
}

}  // namespace
}  // namespace cinescribe::image
