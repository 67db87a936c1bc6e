#include "cinescribe/quality/text_frames.h"

#include <set>

#include <gtest/gtest.h>

#include "cinescribe/image/bitmap_font.h"

namespace cinescribe::quality {
namespace {

/// Reads a sign as a perfect eye would: finds the glyphs in a picture at the known letter height.
std::string read_sign(const TextFrame& frame) {
  const int scale = frame.letter_height_px / 7;
  const auto is_white = [&](int x, int y) {
    if (x >= frame.picture.width || y >= frame.picture.height) return false;
    const std::uint8_t* pixel = frame.picture.row(y) + std::ptrdiff_t{3} * x;
    return pixel[0] > 240 && pixel[1] > 240 && pixel[2] > 240;
  };
  const auto cell = [&](char c, int left, int top) {
    const image::Glyph& wanted = image::glyph(c);
    for (int y = 0; y < 7; ++y) {
      for (int x = 0; x < 5; ++x) {
        const bool is_set = ((wanted[static_cast<std::size_t>(y)] >> (4 - x)) & 1) != 0;
        if (is_white(left + x * scale + scale / 2, top + y * scale + scale / 2) != is_set) return false;
      }
    }
    return true;
  };
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ";
  for (int top = 0; top + 7 * scale <= frame.picture.height; ++top) {
    for (int left = 0; left + 5 * scale <= frame.picture.width; ++left) {
      if (!cell(frame.text.front(), left, top)) continue;
      std::string read;
      for (std::size_t i = 0; i < frame.text.size(); ++i) {
        for (const char c : alphabet) {
          if (!cell(c, left + static_cast<int>(i) * 6 * scale, top)) continue;
          read += c;
          break;
        }
      }
      if (read == frame.text) return read;
    }
  }
  return {};
}

TEST(TextFrames, TheirWritingIsInThePicture) {
  std::set<int> heights;
  for (const TextFrame& frame : make_text_frames(12, 7)) {
    EXPECT_EQ(read_sign(frame), frame.text);
    heights.insert(frame.letter_height_px);
  }
  EXPECT_EQ(heights, (std::set<int>{14, 28, 42, 56}));
}

TEST(TextFrames, AreTheSameForTheSameSeedOnly) {
  const auto a = make_text_frames(8, 1);
  const auto b = make_text_frames(8, 1);
  const auto c = make_text_frames(8, 2);
  EXPECT_EQ(a[5].picture.pixels, b[5].picture.pixels);
  EXPECT_EQ(a[5].text, b[5].text);
  EXPECT_NE(a[5].picture.pixels, c[5].picture.pixels);
  EXPECT_EQ(a[0].text, "CASTLE 359") << "the same on every machine";
}

TEST(ReadingErrors, LookForTheWritingInTheAnswer) {
  EXPECT_EQ(reading_errors("EXIT 12", "The sign says \"Exit 12\".").edits, 0);
  EXPECT_EQ(reading_errors("EXIT 12", "It reads EXlT 12").edits, 1);
  EXPECT_EQ(reading_errors("EXIT 12", "").edits, 7);
  EXPECT_EQ(reading_errors("EXIT 12", "").characters, 7);
}

}  // namespace
}  // namespace cinescribe::quality
