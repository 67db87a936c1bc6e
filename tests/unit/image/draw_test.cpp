#include "cinescribe/image/draw.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "cinescribe/image/bitmap_font.h"

namespace cinescribe::image {
namespace {

constexpr Colour kRed{255, 0, 0};

Colour at(const Image& picture, int x, int y) {
  const std::uint8_t* pixel = picture.row(y) + 3 * x;
  return {pixel[0], pixel[1], pixel[2]};
}

int painted(const Image& picture) {
  int count = 0;
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) count += at(picture, x, y) == Colour{} ? 0 : 1;
  }
  return count;
}

TEST(Draw, OutlinesABoxInclusivelyAndLeavesItsInside) {
  Image picture(20, 20, 3);
  draw_box(picture, 2, 3, 10, 12, 1, kRed);
  EXPECT_EQ(at(picture, 2, 3), kRed);
  EXPECT_EQ(at(picture, 10, 12), kRed);
  EXPECT_EQ(at(picture, 5, 5), Colour{});
  EXPECT_EQ(painted(picture), 2 * 9 + 2 * 8);
}

TEST(Draw, CutsOffWhatLiesBeyondTheEdges) {
  Image picture(8, 8, 3);
  draw_box(picture, -100, -100, 100, 100, 3, kRed);
  EXPECT_EQ(painted(picture), 0);
  draw_box(picture, 5, 5, 2, 2, 1, kRed);  // inside out
  EXPECT_EQ(painted(picture), 0);
  draw_label(picture, -3, -3, "long text that goes far beyond", 2, kRed);
  EXPECT_GT(painted(picture), 0);
  Image grey(8, 8, 1);
  draw_box(grey, 1, 1, 5, 5, 1, kRed);
  EXPECT_EQ(std::count(grey.pixels.begin(), grey.pixels.end(), 0), 64);
}

TEST(Draw, WritesLettersInInkThatContrastsWithTheGround) {
  Image picture(60, 20, 3);
  draw_label(picture, 0, 0, "I", 1, {255, 255, 0});
  EXPECT_EQ(at(picture, 0, 0), (Colour{255, 255, 0}));
  EXPECT_EQ(at(picture, 3, 1), (Colour{0, 0, 0}));  // The stroke of the I.
  draw_label(picture, 20, 0, "I", 1, {0, 0, 128});
  EXPECT_EQ(at(picture, 23, 1), (Colour{255, 255, 255}));
}

TEST(Draw, HasAPictureForEveryByte) {
  EXPECT_EQ(glyph('a'), glyph('A'));
  for (int c = 0; c < 256; ++c) {
    const Glyph& picture = glyph(static_cast<char>(c));
    const bool is_empty = std::all_of(picture.begin(), picture.end(), [](std::uint8_t row) { return row == 0; });
    EXPECT_EQ(is_empty, c == ' ') << c;
  }
  std::set<Glyph> distinct;
  for (char c = '!'; c <= '_'; ++c) distinct.insert(glyph(c));
  EXPECT_EQ(distinct.size(), static_cast<std::size_t>('_' - '!' + 1));
}

TEST(Draw, GivesNeighbouringNumbersColoursFarApart) {
  for (int i = 1; i < 100; ++i) {
    const Colour a = distinct_colour(i);
    const Colour b = distinct_colour(i + 1);
    int difference = 0;
    for (std::size_t c = 0; c < 3; ++c) difference += std::abs(a[c] - b[c]);
    EXPECT_GT(difference, 100) << i;
    EXPECT_EQ(a, distinct_colour(i));
  }
}

}  // namespace
}  // namespace cinescribe::image
