#include "cinescribe/language/type_price.h"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "support/scratch_folder.h"
#include "support/tiny_language.h"
#include <gmock/gmock.h>

#include "cinescribe/language/distribution_gap.h"
#include "cinescribe/language/forced_reader.h"

namespace cinescribe::language {
namespace {

using testing::HasSubstr;

TEST(DistributionGap, IsTheDivergenceOfTheSoftmaxes) {
  // sum p log(p / q) of the two softmaxes, computed in Python.
  const std::vector<float> a = {1.0F, 2.0F, 0.5F, -1.0F};
  const std::vector<float> b = {0.5F, 2.5F, 0.0F, -2.0F};
  const auto gap = distribution_gap(a, b);
  ASSERT_TRUE(gap.has_value());
  EXPECT_NEAR(gap->kl_nats, 0.11634742393049699, 1e-12);
  EXPECT_TRUE(gap->is_same_top);
}

TEST(DistributionGap, EqualDistributionsHaveNoneWhateverTheirOffset) {
  const std::vector<float> a = {1.0F, 2.0F, 0.5F};
  const std::vector<float> shifted = {101.0F, 102.0F, 100.5F};
  EXPECT_EQ(distribution_gap(a, a)->kl_nats, 0.0);
  EXPECT_NEAR(distribution_gap(a, shifted)->kl_nats, 0.0, 1e-12);
}

TEST(DistributionGap, ATokenThatOnlyTheReferenceThinksPossibleIsInfinitelyFar) {
  const float none = -std::numeric_limits<float>::infinity();
  const auto gap = distribution_gap(std::vector<float>{0.0F, 0.0F}, std::vector<float>{0.0F, none});
  ASSERT_TRUE(gap.has_value());
  EXPECT_TRUE(std::isinf(gap->kl_nats));
  EXPECT_NEAR(distribution_gap(std::vector<float>{0.0F, none}, std::vector<float>{0.0F, 0.0F})->kl_nats, std::log(2.0),
              1e-12);
}

TEST(DistributionGap, BrokenRowsAndOtherLengthsGiveNothing) {
  const std::vector<float> good = {0.0F, 1.0F};
  EXPECT_FALSE(distribution_gap(good, std::vector<float>{0.0F, std::nanf("")}).has_value());
  EXPECT_FALSE(distribution_gap(good, std::vector<float>{0.0F}).has_value());
}

class TypePriceTest : public testing::Test {
 protected:
  std::shared_ptr<const LanguageModel> load(const TinyLanguage& tiny, const std::string& name) {
    const auto path = scratch_ / name;
    test::write_bytes(path, tiny.gguf().bytes());
    auto model = LanguageModel::load(path, {});
    EXPECT_TRUE(model.ok()) << model.error().message;
    return model.ok() ? *model : nullptr;
  }

  test::ScratchFolder scratch_;
  const std::vector<std::vector<TokenId>> prompts_ = {{1, 5, 9}, {1, 80, 3, 44, 12}};
};

TEST_F(TypePriceTest, LogitsAreThoseOfPlainLoops) {
  const TinyLanguage tiny = TinyLanguage::llama();
  const auto reader = ForcedReader::create(load(tiny, "a.gguf"), 16, 4);
  ASSERT_TRUE(reader.ok());
  const std::vector<TokenId> text = {7, 20};
  const auto logits = (*reader)->logits(prompts_[0], text, {});
  ASSERT_TRUE(logits.ok()) << logits.error().message;
  std::vector<float> rows;
  for (const TokenId id : {1, 5, 9}) {
    const auto row = tiny.embedding(id);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  for (std::size_t i = 0; i < 2; ++i) {
    const std::vector<float> expected = tiny.logits(rows);
    for (std::size_t k = 0; k < expected.size(); ++k) EXPECT_NEAR((*logits)[i * 96 + k], expected[k], 2e-4F);
    const auto row = tiny.embedding(text[i]);
    rows.insert(rows.end(), row.begin(), row.end());
  }
}

TEST_F(TypePriceTest, AModelCostsNothingAgainstItself) {
  const auto model = load(TinyLanguage::llama(), "a.gguf");
  TypePriceOptions options;
  options.new_tokens = 6;
  const auto texts = reference_texts(model, prompts_, options, {});
  ASSERT_TRUE(texts.ok()) << texts.error().message;
  const auto price = type_price(model, *texts, {});
  ASSERT_TRUE(price.ok()) << price.error().message;
  EXPECT_EQ(price->tokens, 12);
  EXPECT_EQ(price->same_texts, 2);
  EXPECT_DOUBLE_EQ(price->same_top_share, 1.0);
  EXPECT_EQ(price->most_kl_nats, 0.0);
  EXPECT_DOUBLE_EQ(price->mean_tokens_in_common, 6.0);
}

TEST_F(TypePriceTest, TheFartherTheWeightsTheHigherThePrice) {
  TypePriceOptions options;
  options.new_tokens = 8;
  const auto texts = reference_texts(load(TinyLanguage::llama(), "a.gguf"), prompts_, options, {});
  ASSERT_TRUE(texts.ok());
  double last = 0.0;
  for (const float noise : {0.01F, 0.05F, 0.5F}) {
    TinyLanguage other = TinyLanguage::llama();
    std::mt19937 random(4);
    std::normal_distribution<float> normal(0.0F, noise);
    for (auto& [name, values] : other.weights) {
      for (float& value : values) value += normal(random);
    }
    const auto price = type_price(load(other, std::to_string(noise) + ".gguf"), *texts, {});
    ASSERT_TRUE(price.ok()) << price.error().message;
    EXPECT_GT(price->mean_kl_nats, last);
    EXPECT_GE(price->most_kl_nats, price->p95_kl_nats);
    last = price->mean_kl_nats;
  }
}

TEST_F(TypePriceTest, TheReferenceStopsAtAnEndToken) {
  const auto model = load(TinyLanguage::llama(), "a.gguf");
  TypePriceOptions options;
  options.new_tokens = 6;
  const auto free = reference_texts(model, prompts_, options, {});
  ASSERT_TRUE(free.ok());
  options.end_ids = {free->front().text.front()};
  const auto stopped = reference_texts(model, prompts_, options, {});
  ASSERT_TRUE(stopped.ok());
  EXPECT_THAT(stopped->front().text, testing::ElementsAre(options.end_ids.front()));
}

TEST_F(TypePriceTest, WhatCannotBeComparedIsRefused) {
  const auto model = load(TinyLanguage::llama(), "a.gguf");
  TypePriceOptions options;
  options.new_tokens = 4;
  EXPECT_THAT(reference_texts(model, {}, options, {}).error().message, HasSubstr("no prompts"));
  EXPECT_THAT(reference_texts(model, {{}}, options, {}).error().message, HasSubstr("prompt is empty"));
  EXPECT_THAT(reference_texts(model, {{1, 96}}, options, {}).error().message, HasSubstr("outside of the vocabulary"));
  const auto texts = reference_texts(model, prompts_, options, {});
  ASSERT_TRUE(texts.ok());
  TinyLanguage larger = TinyLanguage::llama();
  larger.vocabulary = 100;
  larger.fill(1);
  EXPECT_THAT(type_price(load(larger, "b.gguf"), *texts, {}).error().message, HasSubstr("vocabularies differ"));
  options.new_tokens = 1 << 30;
  EXPECT_THAT(reference_texts(model, prompts_, options, {}).error().message, HasSubstr("too many to keep"));
}

}  // namespace
}  // namespace cinescribe::language
