#include "cinescribe/speech/words.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cinescribe::speech {
namespace {

DecodedToken token(std::string bytes, double begin, double probability = 0.5) {
  return {1, false, std::move(bytes), probability, begin, -1.0};
}

std::vector<std::string> texts(const std::vector<WindowWord>& words) {
  std::vector<std::string> found;
  for (const WindowWord& word : words) found.push_back(word.text);
  return found;
}

using Texts = std::vector<std::string>;

TEST(Words, tokens_join_up_to_the_next_space) {
  const std::vector<DecodedToken> tokens = {token(" light", 0.0, 0.2), token("house", 0.3, 0.6), token(" keeper", 0.8)};
  const auto words = group_words(tokens, "en", 2.0);
  EXPECT_EQ(texts(words), (Texts{" lighthouse", " keeper"}));
  EXPECT_DOUBLE_EQ(words[0].begin_seconds, 0.0);
  EXPECT_DOUBLE_EQ(words[0].end_seconds, 0.8);
  EXPECT_DOUBLE_EQ(words[0].probability, 0.4);
  EXPECT_DOUBLE_EQ(words[1].end_seconds, 2.0);
  EXPECT_EQ(words[1].first_token, 2U);
}

TEST(Words, punctuation_joins_its_word_and_does_not_lengthen_it) {
  const std::vector<DecodedToken> tokens = {token(" \"", 0.0), token("Yes", 0.1),   token(",", 0.5),
                                            token(" he", 1.0), token(" said", 1.4), token(".", 1.8)};
  const auto words = group_words(tokens, "en", 3.0);
  EXPECT_EQ(texts(words), (Texts{" \"Yes,", " he", " said."}));
  EXPECT_DOUBLE_EQ(words[0].end_seconds, 0.5);
  EXPECT_DOUBLE_EQ(words[2].end_seconds, 1.8);
}

TEST(Words, a_character_over_two_tokens_stays_whole) {
  const std::vector<DecodedToken> tokens = {token(" caf\xC3", 0.0), token("\xA9", 0.2), token(" noir", 0.5)};
  const auto words = group_words(tokens, "fr", 1.0);
  EXPECT_EQ(texts(words), (Texts{" caf\xC3\xA9", " noir"}));
}

TEST(Words, languages_without_spaces_are_split_at_characters) {
  const std::vector<DecodedToken> tokens = {token("今", 0.0), token("日", 0.2), token("は", 0.4), token("。", 0.6)};
  EXPECT_EQ(texts(group_words(tokens, "ja", 1.0)), (Texts{"今", "日", "は。"}));
  EXPECT_EQ(texts(group_words(tokens, "en", 1.0)), (Texts{"今日は。"}));
}

TEST(Words, bytes_that_are_no_utf8_are_replaced) {
  EXPECT_EQ(valid_utf8("a\xFF\x80z"), "a\xEF\xBF\xBD\xEF\xBF\xBDz");
  EXPECT_EQ(valid_utf8("\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(valid_utf8("\xED\xA0\x80").find('\xED'), std::string::npos);  // a surrogate
  EXPECT_EQ(valid_utf8("grün €"), "grün €");
}

TEST(Words, time_marks_are_no_words) {
  std::vector<DecodedToken> tokens = {token("", 0.0), token(" a", 0.1), token("", 1.0)};
  tokens[0].is_timestamp = true;
  tokens[2].is_timestamp = true;
  EXPECT_EQ(texts(group_words(tokens, "en", 1.0)), (Texts{" a"}));
}

TEST(Words, the_first_word_of_a_sentence_does_not_reach_back_over_the_pause) {
  const std::vector<DecodedToken> tokens = {token(" One", 0.0), token(".", 0.4), token(" Two", 0.5),
                                            token(" three", 5.0), token(" four", 5.4)};
  auto words = group_words(tokens, "en", 5.8);
  limit_word_lengths(words);
  EXPECT_EQ(texts(words), (Texts{" One.", " Two", " three", " four"}));
  EXPECT_NEAR(words[1].begin_seconds, 4.2, 0.01);
  EXPECT_DOUBLE_EQ(words[1].end_seconds, 5.0);
}

}  // namespace
}  // namespace cinescribe::speech
