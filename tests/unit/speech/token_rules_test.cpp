#include "cinescribe/speech/token_rules.h"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cinescribe/speech/whisper_text.h"

namespace cinescribe::speech {
namespace {

std::vector<std::string> vocabulary() {
  std::vector<std::string> words = {" ", "a", " a", "(", " (", " -", "-", " hello", "he", "l", "lo", " Web", "b", "♪"};
  return words;
}

bool is_allowed(const std::vector<float>& logits, int id) {
  return std::isfinite(logits[static_cast<std::size_t>(id)]);
}

std::vector<float> ruled(const TokenRules& rules, std::size_t n_vocab, std::vector<int> written, bool has_marks,
                         std::vector<float> logits = {}) {
  if (logits.empty()) logits.assign(n_vocab, 0.0F);
  rules.apply(logits, written, has_marks);
  return logits;
}

TEST(TokenIds, are_those_of_the_three_vocabularies) {
  const TokenIds english = token_ids(51864);
  EXPECT_EQ(english.end_of_text, 50256);
  EXPECT_EQ(english.start, 50257);
  EXPECT_EQ(english.languages, 0);
  EXPECT_EQ(english.no_speech, 50361);
  EXPECT_EQ(english.no_marks, 50362);
  EXPECT_EQ(english.first_mark, 50363);
  const TokenIds multilingual = token_ids(51865);
  EXPECT_EQ(multilingual.end_of_text, 50257);
  EXPECT_EQ(multilingual.start, 50258);
  EXPECT_EQ(multilingual.first_language, 50259);
  EXPECT_EQ(multilingual.languages, 99);
  EXPECT_EQ(multilingual.translate, 50358);
  EXPECT_EQ(multilingual.transcribe, 50359);
  EXPECT_EQ(multilingual.previous, 50361);
  EXPECT_EQ(multilingual.no_speech, 50362);
  EXPECT_EQ(multilingual.no_marks, 50363);
  EXPECT_EQ(multilingual.first_mark, 50364);
  EXPECT_EQ(token_ids(51866).languages, 100);
  EXPECT_EQ(token_ids(51866).first_mark, 50365);
}

TEST(TokenRules, neither_special_tokens_nor_signs_that_are_no_speech_are_written) {
  const TokenRules rules(vocabulary(), 51865);
  const auto logits = ruled(rules, 51865, {1}, false);
  for (const int id : {3, 4, 5, 13, 50258, 50259, 50357, 50358, 50359, 50360, 50361, 50362, 50363, 50364, 51864}) {
    EXPECT_FALSE(is_allowed(logits, id)) << id;
  }
  for (const int id : {0, 1, 2, 6, 7, 50257}) EXPECT_TRUE(is_allowed(logits, id)) << id;
}

TEST(TokenRules, a_text_begins_with_a_word) {
  const TokenRules rules(vocabulary(), 51865);
  const auto logits = ruled(rules, 51865, {}, false);
  EXPECT_FALSE(is_allowed(logits, 0));      // a space
  EXPECT_FALSE(is_allowed(logits, 50257));  // the end
  EXPECT_TRUE(is_allowed(logits, 1));
}

TEST(TokenRules, marks_begin_the_text_come_in_pairs_and_never_go_back) {
  const TokenRules rules(vocabulary(), 51865);
  const int mark = rules.ids().first_mark;
  auto logits = ruled(rules, 51865, {}, true);
  EXPECT_FALSE(is_allowed(logits, 1));
  EXPECT_TRUE(is_allowed(logits, mark + 50));
  EXPECT_FALSE(is_allowed(logits, mark + 51));

  std::vector<float> words_first(51865, 0.0F);
  words_first[1] = 50.0F;  // else all marks together outweigh every word
  logits = ruled(rules, 51865, {mark}, true, words_first);
  EXPECT_TRUE(is_allowed(logits, 1));
  EXPECT_FALSE(is_allowed(logits, mark + 3));

  logits = ruled(rules, 51865, {mark, 1, mark + 10}, true);
  EXPECT_FALSE(is_allowed(logits, 1));
  EXPECT_FALSE(is_allowed(logits, mark + 9));
  EXPECT_TRUE(is_allowed(logits, mark + 10));

  logits = ruled(rules, 51865, {mark, 1, mark + 10, mark + 12}, true, words_first);
  EXPECT_TRUE(is_allowed(logits, 1));
  EXPECT_FALSE(is_allowed(logits, mark + 20));
}

TEST(TokenRules, many_marks_outweigh_one_word) {
  const TokenRules rules(vocabulary(), 51865);
  const int mark = rules.ids().first_mark;
  std::vector<float> logits(51865, -10.0F);
  logits[1] = 2.0F;
  std::fill(logits.begin() + mark, logits.end(), 0.0F);  // 1501 of them: together 7.3
  EXPECT_FALSE(is_allowed(ruled(rules, 51865, {mark, 1}, true, logits), 1));
  logits[1] = 8.0F;
  EXPECT_TRUE(is_allowed(ruled(rules, 51865, {mark, 1}, true, logits), 1));
}

TEST(WhisperText, words_are_covered_by_their_longest_tokens) {
  const WhisperText text(vocabulary(), 50257);
  EXPECT_EQ(text.tokenise(" hello"), std::vector<int>({7}));
  EXPECT_EQ(text.tokenise(" Webb a"), std::vector<int>({11, 12, 2}));
  EXPECT_EQ(text.tokenise("hello"), std::vector<int>({8, 9, 10}));
  EXPECT_EQ(text.tokenise(" a-a"), std::vector<int>({2, 6, 1}));
  EXPECT_EQ(text.tokenise("   a"), std::vector<int>({0, 0, 2}));
  EXPECT_EQ(text.tokenise("\xff"), std::vector<int>());
  EXPECT_EQ(text.tokenise(""), std::vector<int>());
}

}  // namespace
}  // namespace cinescribe::speech
