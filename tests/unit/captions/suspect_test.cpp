#include "cinescribe/captions/suspect.h"

#include <string>

#include <gtest/gtest.h>

namespace cinescribe::captions {
namespace {

std::string times(const std::string& part, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += part;
  return text;
}

TEST(Suspect, OrdinaryTextIsFine) {
  EXPECT_EQ(suspect_reason("A man walks along the beach, and a dog runs after him, and the sun goes down."), "");
  EXPECT_EQ(suspect_reason("It is very, very, very big. No no no!"), "");
  EXPECT_EQ(suspect_reason("猫が窓の外を見ている。外は雨が降っている。"), "");
  EXPECT_EQ(suspect_reason("w"), "");
}

TEST(Suspect, NothingIsEmpty) {
  EXPECT_EQ(suspect_reason(""), "empty");
  EXPECT_EQ(suspect_reason(" \n\t"), "empty");
}

TEST(Suspect, ALoopOfWordsIsNamedWithItsPhrase) {
  EXPECT_EQ(suspect_reason("There is " + times("a man ", 12)), "repeats 'a man' 12 times");
  EXPECT_EQ(suspect_reason(times("the ", 6)), "repeats 'the' 6 times");
  EXPECT_EQ(suspect_reason("one two " + times("red car and blue car, ", 4) + "end"),
            "repeats 'red car and blue car,' 4 times");
}

TEST(Suspect, ALoopInWritingWithoutSpacesIsFound) {
  EXPECT_EQ(suspect_reason(times("猫がいる。", 8)), "repeats '猫がいる。' 8 times");
  EXPECT_EQ(suspect_reason(times("lalala", 20)), "repeats 'la' 60 times");
}

TEST(Suspect, LongPhrasesAreShownInPart) {
  const std::string reason = suspect_reason(times("une très longue phrase qui se répète toujours et encore ", 4));
  EXPECT_NE(reason.find("…' 4 times"), std::string::npos) << reason;
}

TEST(Suspect, FewWordsOverAndOver) {
  std::string text;
  unsigned state = 1;
  for (int i = 0; i < 60; ++i) {
    state = state * 1664525U + 1013904223U;
    text += "abcdef"[(state >> 24U) % 5U] + std::string(" ");
  }
  EXPECT_NE(suspect_reason(text).find("over and over"), std::string::npos) << suspect_reason(text);
}

TEST(Suspect, BytesThatAreNoText) {
  EXPECT_EQ(suspect_reason("a \xEF\xBF\xBD b \xEF\xBF\xBD c \xEF\xBF\xBD d"), "holds bytes that are no text");
  EXPECT_EQ(suspect_reason("a \xEF\xBF\xBD b"), "");
}

}  // namespace
}  // namespace cinescribe::captions
