#include "cinescribe/language/search.h"

#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cinescribe::language {
namespace {

/// Runs a search over logits that depend on the last token only.
std::vector<Sequence> run(const GenerationOptions& options, const std::vector<std::vector<float>>& table,
                          Detokenize detokenize = {}) {
  const std::vector<TokenId> prompt = {0};
  auto search = Search::create(options, prompt, static_cast<int>(table.size()), std::move(detokenize));
  EXPECT_TRUE(search.ok()) << search.error().message;
  std::vector<std::span<const float>> rows = {table[0]};
  do {
    EXPECT_TRUE((*search)->advance(rows).ok());
    rows.clear();
    for (const NextRow& row : (*search)->next_rows()) rows.emplace_back(table[static_cast<std::size_t>(row.token)]);
  } while (!rows.empty());
  return (*search)->sequences();
}

/// 0 -> 1 -> 2 -> 3 -> 0 …
std::vector<std::vector<float>> cycle() {
  std::vector<std::vector<float>> table(4, std::vector<float>(4, 0.0F));
  for (std::size_t i = 0; i < 4; ++i) table[i][(i + 1) % 4] = 2.0F;
  return table;
}

TEST(Search, GreedyStopsAtTheEndTokenAndKeepsIt) {
  GenerationOptions options;
  options.eos_ids = {3};
  const auto sequences = run(options, cycle());
  ASSERT_EQ(sequences.size(), 1U);
  EXPECT_THAT(sequences[0].ids, testing::ElementsAre(1, 2, 3));
  EXPECT_EQ(sequences[0].finish, FinishReason::kEos);
  EXPECT_FALSE(sequences[0].score.has_value());
  for (const float logprob : sequences[0].logprobs) {
    EXPECT_NEAR(static_cast<double>(logprob), 2.0 - std::log(std::exp(2.0) + 3.0), 1e-6);
  }
}

TEST(Search, GreedyStopsAtTheLength) {
  GenerationOptions options;
  options.max_length = 6;  // the prompt has one position
  EXPECT_THAT(run(options, cycle())[0].ids, testing::ElementsAre(1, 2, 3, 0, 1));
  EXPECT_EQ(run(options, cycle())[0].finish, FinishReason::kLength);
}

TEST(Search, AStopStringMayEndInsideTheNewestTokenAndSpanSeveral) {
  const std::vector<std::string> pieces = {"a", "b", "c d", "e"};
  const Detokenize detokenize = [&](std::span<const TokenId> ids) {
    std::string text;
    for (const TokenId id : ids) text += pieces[static_cast<std::size_t>(id)];
    return text;
  };
  GenerationOptions options;
  options.stop_strings = {"bc"};
  auto sequence = run(options, cycle(), detokenize)[0];
  EXPECT_THAT(sequence.ids, testing::ElementsAre(1, 2));
  EXPECT_EQ(sequence.finish, FinishReason::kStopString);
  options.stop_strings = {"x", "dea"};
  EXPECT_THAT(run(options, cycle(), detokenize)[0].ids, testing::ElementsAre(1, 2, 3, 0));
  options.num_beams = 2;
  options.stop_strings = {"bc"};
  sequence = run(options, cycle(), detokenize)[0];
  EXPECT_THAT(sequence.ids, testing::ElementsAre(1, 2));
  EXPECT_EQ(sequence.finish, FinishReason::kStopString);
}

TEST(Search, StopStringsWithoutATokenizerAreRefused) {
  GenerationOptions options;
  options.stop_strings = {"x"};
  const auto search = Search::create(options, std::vector<TokenId>{0}, 4, {});
  ASSERT_FALSE(search.ok());
  EXPECT_EQ(search.error().code, ErrorCode::kUsage);
}

TEST(Search, PromptIdsBeyondTheVocabularyAreRefused) {
  const auto search = Search::create({}, std::vector<TokenId>{0, 4}, 4, {});
  ASSERT_FALSE(search.ok());
  EXPECT_NE(search.error().message.find("the id 4"), std::string::npos);
}

TEST(Search, SamplingDependsOnTheSeedOnly) {
  GenerationOptions options;
  options.do_sample = true;
  options.max_new_tokens = 50;
  options.seed = 5;
  const auto first = run(options, cycle())[0].ids;
  EXPECT_EQ(run(options, cycle())[0].ids, first);
  options.seed = 6;
  EXPECT_NE(run(options, cycle())[0].ids, first);
}

TEST(Search, SamplingFollowsTheDistribution) {
  const std::vector<std::vector<float>> table(3, {std::log(0.2F), std::log(0.5F), std::log(0.3F)});
  GenerationOptions options;
  options.do_sample = true;
  options.top_k = 0;
  options.max_new_tokens = 20000;
  std::map<TokenId, int> counts;
  const std::vector<Sequence> sequences = run(options, table);
  for (const TokenId id : sequences[0].ids) ++counts[id];
  EXPECT_NEAR(counts[0] / 20000.0, 0.2, 0.015);
  EXPECT_NEAR(counts[1] / 20000.0, 0.5, 0.015);
  EXPECT_NEAR(counts[2] / 20000.0, 0.3, 0.015);
}

TEST(Search, SeveralDrawsFinishEachForItself) {
  GenerationOptions options;
  options.do_sample = true;
  options.num_return_sequences = 6;
  options.eos_ids = {3};
  options.max_new_tokens = 40;
  const auto sequences = run(options, cycle());
  ASSERT_EQ(sequences.size(), 6U);
  bool differ = false;
  for (const Sequence& sequence : sequences) {
    EXPECT_TRUE(sequence.ids.back() == 3 || sequence.ids.size() == 40U);
    differ = differ || sequence.ids != sequences[0].ids;
  }
  EXPECT_TRUE(differ);
}

TEST(Search, SampledBeamsAreRankedByTheirProbability) {
  GenerationOptions options;
  options.do_sample = true;
  options.num_beams = 3;
  options.num_return_sequences = 3;
  options.eos_ids = {3};
  options.max_new_tokens = 12;
  const auto sequences = run(options, cycle());
  ASSERT_EQ(sequences.size(), 3U);
  EXPECT_GE(*sequences[0].score, *sequences[1].score);
  EXPECT_GE(*sequences[1].score, *sequences[2].score);
}

TEST(Search, OneBeamMoreThanTheVocabularyStillWorks) {
  const std::vector<std::vector<float>> table(2, {0.0F, 1.0F});
  GenerationOptions options;
  options.num_beams = 4;
  options.max_new_tokens = 3;
  const auto sequences = run(options, table);
  ASSERT_EQ(sequences.size(), 1U);
  EXPECT_THAT(sequences[0].ids, testing::ElementsAre(1, 1, 1));
}

TEST(Search, LogitsThatAreNoNumbersAreAnError) {
  for (const int beams : {1, 3}) {
    GenerationOptions options;
    options.num_beams = beams;
    auto search = Search::create(options, std::vector<TokenId>{0}, 3, {});
    const std::vector<float> logits = {0.0F, std::numeric_limits<float>::quiet_NaN(), 1.0F};
    const std::vector<std::span<const float>> rows = {logits};
    const Status status = (*search)->advance(rows);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ErrorCode::kInternal);
  }
}

}  // namespace
}  // namespace cinescribe::language
