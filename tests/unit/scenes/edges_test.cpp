#include "cinescribe/scenes/edges.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace cinescribe::scenes {
namespace {

/// The picture of make_edges.py.
std::vector<std::uint8_t> picture(int width, int height, std::uint32_t seed) {
  std::vector<std::uint8_t> values;
  std::uint32_t x = seed;
  for (int row = 0; row < height; ++row) {
    for (int column = 0; column < width; ++column) {
      x = x * 1664525U + 1013904223U;
      const int block = ((row / 7 + column / 9) * 53 + (row + 2 * column) / 5 * 17) % 200;
      values.push_back(static_cast<std::uint8_t>(static_cast<std::uint32_t>(block) + (x >> 24U) % (seed * 8)));
    }
  }
  return values;
}

std::string fnv1a(const std::vector<std::uint8_t>& bytes) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const std::uint8_t value : bytes) hash = (hash ^ value) * 0x100000001B3U;
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(hash));
  return text.data();
}

TEST(Edges, every_stored_case_has_the_same_bits) {
  std::ifstream file(CINESCRIBE_TEST_DATA "/scenes/edges.json");
  const auto golden = nlohmann::json::parse(file, nullptr, false);
  ASSERT_FALSE(golden.is_discarded());
  ASSERT_GT(golden.at("cases").size(), 20U);
  EdgeFinder finder;  // one for all: its buffers must not remember
  for (const auto& c : golden.at("cases")) {
    const int width = c["size"][0];
    const int height = c["size"][1];
    const std::vector<std::uint8_t> luma = picture(width, height, c["seed"]);
    EXPECT_EQ(median_of_bytes(luma), c["median"].get<double>()) << c.dump();
    EXPECT_EQ(default_edge_kernel_size(width, height), c["kernel"].get<int>()) << c.dump();
    std::vector<std::uint8_t> out;
    finder.canny(luma, width, height, c["low"], c["high"], out);
    EXPECT_EQ(fnv1a(out), c["canny"].get<std::string>()) << c.dump();
    finder.find(luma, width, height, 0, out);
    EXPECT_EQ(fnv1a(out), c["widened"].get<std::string>()) << c.dump();
  }
}

TEST(Edges, a_flat_picture_has_none) {
  EdgeFinder finder;
  std::vector<std::uint8_t> out;
  finder.find(std::vector<std::uint8_t>(64 * 64, 90), 64, 64, 0, out);
  EXPECT_EQ(out, std::vector<std::uint8_t>(64 * 64, 0));
}

TEST(Edges, the_median_of_an_even_number_is_between_the_two_middle_ones) {
  EXPECT_EQ(median_of_bytes(std::vector<std::uint8_t>{3, 1, 2, 9}), 2.5);
  EXPECT_EQ(median_of_bytes(std::vector<std::uint8_t>{3, 1, 255}), 3.0);
  EXPECT_EQ(median_of_bytes(std::vector<std::uint8_t>{255, 255}), 255.0);
}

}  // namespace
}  // namespace cinescribe::scenes
