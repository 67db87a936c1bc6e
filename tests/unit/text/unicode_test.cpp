#include "cinescribe/text/unicode.h"

#include <gtest/gtest.h>

#include "cinescribe/text/utf8.h"

namespace cinescribe::text {
namespace {

std::u32string unaccented(char32_t c) {
  std::u32string text;
  append_unaccented(text, c);
  return text;
}

std::u32string lower(char32_t c) {
  std::u32string text;
  append_lower_case(text, c);
  return text;
}

TEST(Unicode, accents_go_and_syllables_come_apart) {
  EXPECT_EQ(unaccented(U'\u00E9'), U"e");
  EXPECT_EQ(unaccented(U'\u1E69'), U"s") << "two marks";
  EXPECT_EQ(unaccented(U'\u0301'), U"") << "a mark by itself";
  EXPECT_EQ(unaccented(U'\uD55C'), U"\u1112\u1161\u11AB") << "Hangul";
  EXPECT_EQ(unaccented(U'\uAC00'), U"\u1100\u1161") << "Hangul without a tail";
  EXPECT_EQ(unaccented(U'\uF900'), U"\u8C48") << "a compatibility ideograph";
  EXPECT_EQ(unaccented(U'\u00F8'), U"\u00F8") << "a stroke is no accent";
  EXPECT_EQ(unaccented(U'a'), U"a");
}

TEST(Unicode, lower_case_may_be_longer) {
  EXPECT_EQ(lower(U'A'), U"a");
  EXPECT_EQ(lower(U'\u0130'), U"i\u0307");
  EXPECT_EQ(lower(U'\u03A3'), U"\u03C3");
  EXPECT_EQ(lower(U'\u0100'), U"\u0101") << "every second one maps to its neighbour";
  EXPECT_EQ(lower(U'\u0101'), U"\u0101");
  EXPECT_EQ(lower(U'\U0001E900'), U"\U0001E922");
}

TEST(Unicode, properties_at_the_ends_of_ranges) {
  EXPECT_TRUE(is_space(U'\u3000'));
  EXPECT_FALSE(is_space(U'\u200B'));
  EXPECT_TRUE(is_removed(U'\0'));
  EXPECT_TRUE(is_removed(U'\uFFFD'));
  EXPECT_FALSE(is_removed(U'\n'));
  EXPECT_TRUE(is_punctuation(U'$')) << "BERT counts all of ASCII's signs";
  EXPECT_TRUE(is_punctuation(U'\u3002'));
  EXPECT_FALSE(is_punctuation(U'\u20AC')) << "other currency signs are none";
  EXPECT_TRUE(is_ideograph(U'\u4E00'));
  EXPECT_TRUE(is_ideograph(U'\u9FFF'));
  EXPECT_FALSE(is_ideograph(U'\u3042')) << "kana are none";
  EXPECT_TRUE(is_word_character(U'_'));
  EXPECT_FALSE(is_word_character(U'-'));
  EXPECT_FALSE(is_word_character(U'\U0010FFFF'));
}

TEST(Utf8, code_points_come_back_as_they_were) {
  std::string text;
  for (const char32_t c : {U'\0', U'a', U'\u007F', U'\u0080', U'\u07FF', U'\u0800', U'\uD7FF', U'\uE000', U'\uFFFF',
                           U'\U00010000', U'\U0010FFFF'}) {
    append_utf8(text, c);
  }
  EXPECT_TRUE(is_valid_utf8(text));
  EXPECT_EQ(to_utf8(to_code_points(text)), text);
  EXPECT_EQ(last_code_point(text).value, U'\U0010FFFF');
}

TEST(Utf8, what_is_no_utf8_is_replaced_byte_by_byte) {
  const std::string replacement = "\xEF\xBF\xBD";
  EXPECT_EQ(sanitised_utf8("a\xFFz"), "a" + replacement + "z");
  EXPECT_EQ(sanitised_utf8("\xC0\x80"), replacement + replacement) << "overlong";
  EXPECT_EQ(sanitised_utf8("\xE0\x9F\xBF"), replacement + replacement + replacement) << "overlong";
  EXPECT_EQ(sanitised_utf8("\xED\xA0\x80"), replacement + replacement + replacement) << "a surrogate";
  EXPECT_EQ(sanitised_utf8("\xF4\x90\x80\x80"), replacement + replacement + replacement + replacement) << "too large";
  EXPECT_EQ(sanitised_utf8("\xF0\x9F\x98"), replacement + replacement + replacement) << "cut off";
}

}  // namespace
}  // namespace cinescribe::text
