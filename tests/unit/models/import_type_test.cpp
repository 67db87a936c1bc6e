#include "cinescribe/models/import_type.h"

#include <set>

#include <gtest/gtest.h>

namespace cinescribe::models {
namespace {

using tensor::WeightType;

constexpr MixtureFacts k7b = {32, 32, 32, false};

WantedTensor matrix(std::int64_t row_length, TensorRole role, int layer = 0) {
  WantedTensor tensor;
  tensor.shape = {row_length, 64};
  tensor.is_matrix = true;
  tensor.role = role;
  tensor.layer = layer;
  return tensor;
}

std::set<int> layers_with(const char* type, TensorRole role, WeightType wanted, const MixtureFacts& facts = k7b) {
  std::set<int> found;
  for (int layer = 0; layer < facts.layers; ++layer) {
    if (language_type(*parse_import_type(type), matrix(4096, role, layer), facts).type == wanted) found.insert(layer);
  }
  return found;
}

TEST(ImportType, mixtures_of_32_layers_give_the_same_layers_more_bits_as_llama_cpp) {
  const std::set<int> expected = {0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28, 29, 30, 31};
  EXPECT_EQ(layers_with("q4_k_m", TensorRole::kAttentionValue, WeightType::kQ6K), expected);
  EXPECT_EQ(layers_with("q4_k_m", TensorRole::kFfnDown, WeightType::kQ6K), expected);
  EXPECT_EQ(layers_with("q5_k_m", TensorRole::kFfnDown, WeightType::kQ6K), expected);
  EXPECT_EQ(layers_with("q4_k_m", TensorRole::kOther, WeightType::kQ4K).size(), 32U);
  EXPECT_EQ(layers_with("iq4_nl", TensorRole::kFfnDown, WeightType::kQ5K), (std::set<int>{0, 1, 2, 3}));
}

TEST(ImportType, grouped_heads_of_iq4_nl_get_better_values) {
  const MixtureFacts grouped = {32, 32, 8, false};
  EXPECT_EQ(layers_with("iq4_nl", TensorRole::kAttentionValue, WeightType::kQ5K, grouped).size(), 32U);
  EXPECT_TRUE(layers_with("iq4_nl", TensorRole::kAttentionValue, WeightType::kQ5K).empty());
}

TEST(ImportType, outputs_and_tied_embeddings_are_six_bits_wide) {
  const auto type = *parse_import_type("q4_k_m");
  EXPECT_EQ(language_type(type, matrix(4096, TensorRole::kOutput), k7b).type, WeightType::kQ6K);
  EXPECT_EQ(language_type(type, matrix(4096, TensorRole::kTokenEmbedding), k7b).type, WeightType::kQ4K);
  const MixtureFacts tied = {32, 32, 32, true};
  EXPECT_EQ(language_type(type, matrix(4096, TensorRole::kTokenEmbedding), tied).type, WeightType::kQ6K);
  EXPECT_EQ(language_type(*parse_import_type("q8_0"), matrix(4096, TensorRole::kOutput), k7b).type, WeightType::kQ80);
}

TEST(ImportType, rows_that_do_not_fit_fall_back_step_by_step) {
  const auto stored = [](const char* type, std::int64_t row_length) {
    return plain_type(*parse_import_type(type), matrix(row_length, TensorRole::kOther));
  };
  EXPECT_EQ(stored("q4_k_m", 1408).type, WeightType::kQ50);
  EXPECT_EQ(stored("q5_k_m", 1408).type, WeightType::kQ51);
  EXPECT_EQ(stored("q6_k", 1408).type, WeightType::kQ80);
  EXPECT_EQ(stored("q8_0", 1408).type, WeightType::kQ80);
  EXPECT_FALSE(stored("q8_0", 1408).is_fallback);
  for (const char* type : {"q4_k_m", "q5_k_m", "q6_k", "q8_0", "iq4_nl"}) {
    EXPECT_EQ(stored(type, 588).type, WeightType::kF16) << type;
    EXPECT_TRUE(stored(type, 588).is_fallback) << type;
  }
  EXPECT_FALSE(stored("f16", 588).is_fallback);
}

TEST(ImportType, vectors_stay_f32) {
  WantedTensor vector;
  vector.shape = {4096};
  EXPECT_EQ(plain_type(*parse_import_type("q4_k_m"), vector).type, WeightType::kF32);
  EXPECT_EQ(language_type(*parse_import_type("bf16"), vector, k7b).type, WeightType::kF32);
}

TEST(ImportType, unknown_names_are_wrong_use) {
  const auto type = parse_import_type("q3_k_s");
  ASSERT_FALSE(type.ok());
  EXPECT_EQ(type.error().code, ErrorCode::kUsage);
  EXPECT_NE(type.error().message.find("q4_k_m"), std::string::npos);
}

}  // namespace
}  // namespace cinescribe::models
