#include <cmath>
#include <filesystem>
#include <vector>

#include "models_test_fixture.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cinescribe/models/checkpoint_files.h"
#include "cinescribe/models/import_plan.h"
#include "cinescribe/models/language_gguf.h"
#include "cinescribe/models/random_weights.h"
#include "cinescribe/models/synthesize.h"
#include "cinescribe/models/synthetic_checkpoint.h"
#include "cinescribe/tensor/weight_type.h"
#include "cinescribe/text/tokenizer.h"
#include "cinescribe/text/wordpiece.h"

namespace cinescribe::models {
namespace {

using ::testing::HasSubstr;

/// The published numbers of weights (language model, tower up to its last used layer, projector, Q-Former).
struct Expected {
  const char* name;
  double billions;
};

std::int64_t elements(const std::vector<WantedTensor>& tensors) {
  std::int64_t sum = 0;
  for (const WantedTensor& tensor : tensors) {
    std::int64_t count = 1;
    for (const std::int64_t extent : tensor.shape) count *= extent;
    sum += count;
  }
  return sum;
}

class SyntheticTest : public ModelTest {};

TEST_F(SyntheticTest, EveryKnownNameHasTheTrueNumberOfWeightsAndTokens) {
  const std::vector<Expected> expected = {{"llava-v1.6-vicuna-7b", 7.05},   {"llava-v1.6-vicuna-13b", 13.34},
                                          {"llava-v1.6-mistral-7b", 7.55},  {"phi-3.5-vision", 4.13},
                                          {"instructblip-vicuna-7b", 7.91}, {"instructblip-vicuna-13b", 14.19}};
  ASSERT_EQ(synthetic_names().size(), expected.size());
  for (const Expected& model : expected) {
    const auto folder = folder_ / model.name;
    ASSERT_TRUE(write_synthetic_checkpoint(model.name, 0, folder).ok());
    const auto files = CheckpointFiles::read(folder);
    ASSERT_TRUE(files.ok()) << files.error().message;
    const auto tokenizer = text::Tokenizer::load(folder);
    ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
    const RandomWeights weights;
    const VocabularyFacts facts{(*tokenizer)->vocabulary().size(),
                                [&](std::string_view token) { return (*tokenizer)->find(token); }};
    const auto plan = plan_import(*files, weights, facts);
    ASSERT_TRUE(plan.ok()) << plan.error().message;
    const double billions = static_cast<double>(elements(plan->language.tensors) + elements(plan->vision)) / 1e9;
    EXPECT_NEAR(billions, model.billions, 0.01) << model.name;
    EXPECT_EQ(plan->card.language.vocabulary, 32064);
    const auto vocabulary = gguf_vocabulary((*tokenizer)->vocabulary(), 32064, plan->card.tokens.image);
    ASSERT_TRUE(vocabulary.ok()) << vocabulary.error().message;
    EXPECT_EQ(vocabulary->texts.size(), 32064U);
    const auto ids = (*tokenizer)->encode("What happens in this video?", true);
    EXPECT_GT(ids.size(), 4U);
    EXPECT_LT(ids.size(), 28U);
    EXPECT_EQ((*tokenizer)->decode(ids, true), "What happens in this video?");
  }
}

TEST_F(SyntheticTest, TheSecondTokenizerFitsItsEmbedding) {
  const auto folder = folder_ / "model";
  ASSERT_TRUE(write_synthetic_checkpoint("instructblip-vicuna-7b", 0, folder).ok());
  const auto tokenizer = text::WordPiece::load(folder / "qformer_tokenizer");
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
  EXPECT_EQ((*tokenizer)->size(), 30523U);
  const auto ids = (*tokenizer)->encode("a dog");
  ASSERT_GE(ids.size(), 4U);
  EXPECT_EQ(ids.front(), 101);
  EXPECT_EQ(ids.back(), 102);
}

TEST_F(SyntheticTest, RowsAreTheSameEveryTimeAndOfSaneSize) {
  const RandomWeights weights;
  for (const auto type : {tensor::WeightType::kQ4K, tensor::WeightType::kQ6K, tensor::WeightType::kF16}) {
    const std::int64_t row_length = 1024;
    std::vector<std::byte> bytes(tensor::row_bytes(type, 1024) * 64);
    ASSERT_TRUE(weights.stored_rows("blk.0.attn_q.weight", type, row_length, 0, bytes).ok());
    std::vector<std::byte> again(tensor::row_bytes(type, 1024) * 32);
    ASSERT_TRUE(RandomWeights().stored_rows("blk.0.attn_q.weight", type, row_length, 32, again).ok());
    EXPECT_TRUE(std::equal(again.begin(), again.end(), bytes.begin() + static_cast<std::ptrdiff_t>(again.size())));
    std::vector<float> numbers(64 * 1024);
    ASSERT_TRUE(tensor::dequantise_rows(type, bytes, 1024, numbers).ok());
    double sum = 0.0;
    for (const float number : numbers) sum += static_cast<double>(number) * static_cast<double>(number);
    EXPECT_NEAR(std::sqrt(sum / static_cast<double>(numbers.size())), 1.0 / 32.0, 0.002);
  }
}

TEST_F(SyntheticTest, UnknownNamesAreNamed) {
  const auto report = install_synthetic("llava-v2", 0, {});
  ASSERT_FALSE(report.ok());
  EXPECT_THAT(report.error().message, HasSubstr("llava-v1.6-vicuna-7b"));
}

}  // namespace
}  // namespace cinescribe::models
