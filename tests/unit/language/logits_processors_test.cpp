#include "cinescribe/language/logits_processors.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cinescribe::language {
namespace {

constexpr float kBanned = -std::numeric_limits<float>::infinity();

std::vector<float> applied(const GenerationOptions& options, std::int64_t prompt, std::vector<TokenId> ids,
                           std::vector<float> scores) {
  LogitsProcessors processors(options, prompt);
  processors.apply(ids, scores);
  processors.apply({}, std::span<float>());  // no state is left behind
  return scores;
}

TEST(LogitsProcessors, NothingIsActiveByDefault) { EXPECT_FALSE(LogitsProcessors({}, 5).is_active()); }

TEST(LogitsProcessors, PenaltyIsOnceForEveryDistinctIdAndIgnoresPlaceholders) {
  GenerationOptions options;
  options.repetition_penalty = 2.0;
  EXPECT_THAT(applied(options, 2, {1, 1, -1, 2, 99}, {1.0F, 1.0F, -1.0F, 3.0F}),
              testing::ElementsAre(1.0F, 0.5F, -2.0F, 3.0F));
}

TEST(LogitsProcessors, NgramsAreBannedOverPromptAndGeneratedTokens) {
  GenerationOptions options;
  options.no_repeat_ngram_size = 3;
  EXPECT_THAT(applied(options, 3, {0, 1, 2, 3, 0, 1}, std::vector<float>(5, 0.0F)),
              testing::ElementsAre(0.0F, 0.0F, kBanned, 0.0F, 0.0F));
  options.no_repeat_ngram_size = 1;
  EXPECT_THAT(applied(options, 1, {3, 1}, std::vector<float>(4, 0.0F)),
              testing::ElementsAre(0.0F, kBanned, 0.0F, kBanned));
  options.no_repeat_ngram_size = 4;
  EXPECT_THAT(applied(options, 1, {3, 3}, std::vector<float>(4, 0.0F)), testing::Each(0.0F));
}

TEST(LogitsProcessors, TheEndIsBannedUntilBothMinimaAreReached) {
  GenerationOptions options;
  options.eos_ids = {0, 2};
  options.min_length = 4;
  options.min_new_tokens = 3;
  const std::vector<float> scores(3, 1.0F);
  EXPECT_THAT(applied(options, 3, {1, 1, 1}, scores), testing::ElementsAre(kBanned, 1.0F, kBanned));
  EXPECT_THAT(applied(options, 3, {1, 1, 1, 1, 1}, scores), testing::ElementsAre(kBanned, 1.0F, kBanned));
  EXPECT_THAT(applied(options, 3, {1, 1, 1, 1, 1, 1}, scores), testing::Each(1.0F));
}

TEST(LogitsProcessors, TopKKeepsTiesAndAtLeastWhatBeamsNeed) {
  GenerationOptions options;
  options.top_k = 2;
  std::vector<float> scores = {1.0F, 3.0F, 2.0F, 2.0F};
  LogitsProcessors(options, 0).warp(scores, 1);
  EXPECT_THAT(scores, testing::ElementsAre(kBanned, 3.0F, 2.0F, 2.0F));
  options.top_k = 1;
  scores = {1.0F, 3.0F, 2.0F, 0.0F};
  LogitsProcessors(options, 0).warp(scores, 3);
  EXPECT_THAT(scores, testing::ElementsAre(1.0F, 3.0F, 2.0F, kBanned));
}

TEST(LogitsProcessors, TopPKeepsTheSmallestSetAboveTheMass) {
  GenerationOptions options;
  options.top_k = 0;
  options.top_p = 0.75;
  std::vector<float> scores = {std::log(0.5F), std::log(0.2F), std::log(0.3F)};
  LogitsProcessors(options, 0).warp(scores, 1);
  EXPECT_EQ(scores[1], kBanned);
  EXPECT_NE(scores[0], kBanned);
  EXPECT_NE(scores[2], kBanned);
  options.top_p = 0.0;
  LogitsProcessors(options, 0).warp(scores, 1);
  EXPECT_EQ(scores[2], kBanned);
  EXPECT_NE(scores[0], kBanned);
}

TEST(LogitsProcessors, TemperatureDividesBeforeTopP) {
  GenerationOptions options;
  options.top_k = 0;
  options.temperature = 0.5;
  std::vector<float> scores = {1.0F, -2.0F};
  LogitsProcessors(options, 0).warp(scores, 1);
  EXPECT_THAT(scores, testing::ElementsAre(2.0F, -4.0F));
}

}  // namespace
}  // namespace cinescribe::language
