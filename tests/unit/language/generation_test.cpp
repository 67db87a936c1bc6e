#include "cinescribe/language/generation.h"

#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace cinescribe::language {
namespace {

TEST(GenerationOptions, DefaultsAreAcceptedAndGiveTwentyNewTokens) {
  const GenerationOptions options;
  EXPECT_TRUE(check_generation_options(options).ok());
  EXPECT_EQ(*max_new_tokens_of(options, 3000), 20);
  EXPECT_EQ(rows_of(options), 1);
}

TEST(GenerationOptions, WhatGenerateRefusesIsRefusedByTheOptionsName) {
  using Change = std::function<void(GenerationOptions&)>;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<std::pair<std::string, Change>> cases = {
      {"num_beams", [](auto& o) { o.num_beams = 0; }},
      {"num_return_sequences", [](auto& o) { o.num_return_sequences = 0; }},
      {"num_return_sequences", [](auto& o) { o.num_return_sequences = 2; }},
      {"num_return_sequences", [](auto& o) { o.num_beams = 2, o.num_return_sequences = 3; }},
      {"max_new_tokens", [](auto& o) { o.max_new_tokens = 0; }},
      {"min_length", [](auto& o) { o.min_length = -1; }},
      {"min_new_tokens", [](auto& o) { o.min_new_tokens = -1; }},
      {"no_repeat_ngram_size", [](auto& o) { o.no_repeat_ngram_size = -1; }},
      {"top_k", [](auto& o) { o.top_k = -1; }},
      {"top_p", [](auto& o) { o.top_p = 1.5; }},
      {"top_p", [nan](auto& o) { o.top_p = nan; }},
      {"temperature", [](auto& o) { o.temperature = 0.0; }},
      {"repetition_penalty", [](auto& o) { o.repetition_penalty = 0.0; }},
      {"repetition_penalty", [nan](auto& o) { o.repetition_penalty = nan; }},
      {"length_penalty", [nan](auto& o) { o.length_penalty = nan; }},
      {"stop_strings", [](auto& o) { o.stop_strings = {""}; }},
  };
  for (const auto& [name, change] : cases) {
    GenerationOptions options;
    change(options);
    const Status status = check_generation_options(options);
    ASSERT_FALSE(status.ok()) << name;
    EXPECT_EQ(status.error().code, ErrorCode::kUsage);
    EXPECT_NE(status.error().message.find(name), std::string::npos) << status.error().message;
  }
}

TEST(GenerationOptions, MaxLengthCountsThePromptAndMaxNewTokensWins) {
  GenerationOptions options;
  options.max_length = 100;
  EXPECT_EQ(*max_new_tokens_of(options, 39), 61);
  const auto none = max_new_tokens_of(options, 100);
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, ErrorCode::kUsage);
  options.max_new_tokens = 7;
  EXPECT_EQ(*max_new_tokens_of(options, 100), 7);
}

}  // namespace
}  // namespace cinescribe::language
