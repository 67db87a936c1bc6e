#include "cinescribe/speech/hypotheses.h"

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cinescribe::speech {
namespace {

constexpr std::size_t kWords = 51865;
constexpr int kEnd = 50257;

/// A made-up language: what may follow a text, with probabilities.
using Language = std::map<std::vector<int>, std::map<int, double>>;

/// Feeds the search from the language until it is done.
Hypothesis search(const Language& language, const SearchOptions& options) {
  const TokenRules rules({}, kWords);
  HypothesisSearch search(portable_dense_kernels(), rules, options);
  for (int step = 0; !search.live().empty(); ++step) {
    EXPECT_LT(step, 50);
    std::vector<float> logits(search.live().size() * kWords, -30.0F);
    for (std::size_t i = 0; i < search.live().size(); ++i) {
      const auto found = language.find(search.live()[i].tokens);
      if (found == language.end()) {
        logits[i * kWords + kEnd] = 0.0F;
        continue;
      }
      for (const auto& [token, probability] : found->second) {
        logits[i * kWords + static_cast<std::size_t>(token)] = static_cast<float>(std::log(probability));
      }
    }
    search.advance(logits, kWords);
  }
  return search.best();
}

/// The first step towards the best text is not the most probable one.
const Language& garden_path() {
  static const Language language = {{{}, {{1, 0.6}, {2, 0.4}}},
                                    {{1}, {{3, 0.34}, {4, 0.33}, {5, 0.33}}},
                                    {{2}, {{6, 0.95}, {7, 0.05}}},
                                    {{2, 6}, {{kEnd, 0.95}, {7, 0.05}}}};
  return language;
}

TEST(HypothesisSearch, greedy_takes_the_best_next_token) {
  const Hypothesis text = search(garden_path(), {});
  ASSERT_EQ(text.tokens.size(), 2U);
  EXPECT_EQ(text.tokens[0], 1);
  EXPECT_NEAR(text.logprobs[0], std::log(0.6), 1e-4);
  EXPECT_EQ(text.slots, std::vector<std::uint8_t>({0, 0}));
}

TEST(HypothesisSearch, beams_find_the_better_text) {
  for (const std::size_t beams : {2U, 5U}) {
    SearchOptions options;
    options.beams = beams;
    const Hypothesis text = search(garden_path(), options);
    EXPECT_EQ(text.tokens, std::vector<int>({2, 6})) << beams;
    EXPECT_NEAR(text.logprob_sum, std::log(0.4 * 0.95 * 0.95), 1e-2);
    EXPECT_EQ(text.slots.size(), 2U);
  }
}

TEST(HypothesisSearch, a_path_names_the_slot_in_which_each_token_was_read) {
  SearchOptions options;
  options.beams = 2;
  // After the first step token 1 is in slot 0 and token 2 in slot 1; the child of token 2 then leads.
  const Hypothesis text = search(garden_path(), options);
  EXPECT_EQ(text.slots, std::vector<std::uint8_t>({1, 0}));
}

TEST(HypothesisSearch, drawing_is_repeatable_and_follows_the_probabilities) {
  const Language coin = {{{}, {{1, 0.75}, {2, 0.25}}}};
  int ones = 0;
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    SearchOptions options;
    options.temperature = 1.0;
    options.seed = seed;
    const Hypothesis text = search(coin, options);
    EXPECT_EQ(search(coin, options).tokens, text.tokens);
    if (text.tokens == std::vector<int>{1}) ++ones;
  }
  EXPECT_GT(ones, 30);
  EXPECT_LT(ones, 58);
}

TEST(HypothesisSearch, the_best_of_several_drawn_texts_is_kept) {
  const Language language = {
      {{}, {{1, 0.5}, {2, 0.5}}}, {{1}, {{3, 0.02}, {4, 0.02}, {5, 0.02}, {kEnd, 0.9}}}, {{2}, {{kEnd, 1.0}}}};
  SearchOptions options;
  options.temperature = 1.0;
  options.candidates = 5;
  EXPECT_LE(search(language, options).tokens.size(), 2U);
}

TEST(HypothesisSearch, a_text_that_never_ends_is_cut_off) {
  Language endless;
  for (std::vector<int> text; text.size() < 40; text.push_back(1)) endless[text] = {{1, 1.0}};
  for (const std::size_t beams : {1U, 2U}) {
    SearchOptions options;
    options.beams = beams;
    options.most_tokens = 12;
    const Hypothesis text = search(endless, options);
    EXPECT_EQ(text.tokens.size(), 12U);
    EXPECT_EQ(text.slots.size(), 11U);  // the last one was not read any more
  }
}

TEST(HypothesisSearch, logits_that_are_no_numbers_end_in_some_text) {
  for (const std::size_t beams : {1U, 3U}) {
    SearchOptions options;
    options.beams = beams;
    options.most_tokens = 5;
    const TokenRules rules({}, kWords);
    HypothesisSearch search(portable_dense_kernels(), rules, options);
    int steps = 0;
    while (!search.live().empty() && ++steps < 20) {
      std::vector<float> logits(search.live().size() * kWords, std::nanf(""));
      search.advance(logits, kWords);
    }
    EXPECT_TRUE(search.live().empty());
    EXPECT_LE(search.best().tokens.size(), 5U);
  }
}

}  // namespace
}  // namespace cinescribe::speech
