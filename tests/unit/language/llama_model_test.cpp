// Token rows as llama.cpp's own lookup gives them, in every type; loading.
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "support/scratch_folder.h"
#include "support/tiny_language.h"
#include <ggml-alloc.h>
#include <ggml-backend.h>
#include <ggml.h>
#include <gtest/gtest.h>

#include "cinescribe/language/language_model.h"
#include "cinescribe/tensor/backends.h"

namespace cinescribe::language {
namespace {

/// What ggml_get_rows gives for the rows `ids` of a matrix.
std::vector<float> rows_by_ggml(ggml_type type, const std::string& data, int width, int rows,
                                const std::vector<TokenId>& ids) {
  const std::unique_ptr<ggml_backend, decltype(&ggml_backend_free)> backend(
      ggml_backend_init_by_type(GGML_BACKEND_DEVICE_TYPE_CPU, nullptr), ggml_backend_free);
  ggml_init_params params{};
  params.mem_size = std::size_t{1} << 20;
  params.no_alloc = true;
  const std::unique_ptr<ggml_context, decltype(&ggml_free)> context(ggml_init(params), ggml_free);
  ggml_tensor* matrix = ggml_new_tensor_2d(context.get(), type, width, rows);
  ggml_tensor* picked = ggml_new_tensor_1d(context.get(), GGML_TYPE_I32, static_cast<std::int64_t>(ids.size()));
  ggml_tensor* out = ggml_get_rows(context.get(), matrix, picked);
  ggml_cgraph* graph = ggml_new_graph(context.get());
  ggml_build_forward_expand(graph, out);
  const std::unique_ptr<ggml_backend_buffer, decltype(&ggml_backend_buffer_free)> buffer(
      ggml_backend_alloc_ctx_tensors(context.get(), backend.get()), ggml_backend_buffer_free);
  ggml_backend_tensor_set(matrix, data.data(), 0, data.size());
  ggml_backend_tensor_set(picked, ids.data(), 0, ids.size() * sizeof(TokenId));
  ggml_backend_graph_compute(backend.get(), graph);
  std::vector<float> result(ids.size() * static_cast<std::size_t>(width));
  ggml_backend_tensor_get(out, result.data(), 0, result.size() * sizeof(float));
  return result;
}

TEST(LlamaModel, TokenRowsAreBitForBitThoseOfGgml) {
  ASSERT_TRUE(tensor::load_backends().ok());
  test::ScratchFolder scratch;
  TinyLanguage tiny = TinyLanguage::llama();
  tiny.width = 256;
  tiny.fill(3);
  const std::vector<float>& values = tiny.weights.at("token_embd.weight");
  const std::vector<TokenId> ids = {0, 95, 7, 7, 50};
  for (const ggml_type type : {GGML_TYPE_F32, GGML_TYPE_F16, GGML_TYPE_BF16, GGML_TYPE_Q4_0, GGML_TYPE_Q5_0,
                               GGML_TYPE_Q8_0, GGML_TYPE_Q4_K, GGML_TYPE_Q6_K, GGML_TYPE_IQ4_NL}) {
    std::string data(ggml_row_size(type, 256) * 96, '\0');
    if (type == GGML_TYPE_F32) {
      std::memcpy(data.data(), values.data(), data.size());
    } else {
      ggml_quantize_chunk(type, values.data(), data.data(), 0, 96, 256, nullptr);
    }
    GgufBytes file = tiny.metadata();
    for (const auto& [name, weights] : tiny.weights) {
      if (name != "token_embd.weight") file.tensor(name, tiny.shape_of(name), weights);
    }
    file.tensor("token_embd.weight", type, {256, 96}, data);
    const std::string path = (scratch / (std::string(ggml_type_name(type)) + ".gguf")).string();
    file.write(path);
    const auto model = LanguageModel::load(path, {});
    ASSERT_TRUE(model.ok()) << model.error().message;
    EXPECT_EQ((*model)->is_f32(), type == GGML_TYPE_F32);
    const auto rows = (*model)->embed(ids);
    ASSERT_TRUE(rows.ok());
    const std::vector<float> expected = rows_by_ggml(type, data, 256, 96, ids);
    EXPECT_EQ(std::memcmp(rows->data(), expected.data(), expected.size() * sizeof(float)), 0) << ggml_type_name(type);
  }
}

TEST(LlamaModel, IdsOutsideOfTheVocabularyAreRefused) {
  test::ScratchFolder scratch;
  const std::string path = (scratch / "m.gguf").string();
  TinyLanguage::llama().gguf().write(path);
  const auto model = LanguageModel::load(path, {});
  ASSERT_TRUE(model.ok());
  for (const TokenId id : {-1, 96}) {
    EXPECT_EQ((*model)->embed(std::vector<TokenId>{3, id}).error().code, ErrorCode::kUsage);
  }
}

TEST(LlamaModel, MissingFilesAndDevicesAreNamed) {
  const auto missing = LanguageModel::load("/nowhere/language.gguf", {});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kModel);
  EXPECT_NE(missing.error().message.find("/nowhere/language.gguf"), std::string::npos);
  test::ScratchFolder scratch;
  const std::string path = (scratch / "m.gguf").string();
  TinyLanguage::llama().gguf().write(path);
  LanguageModelOptions options;
  options.device = "cuda:7";
  const auto elsewhere = LanguageModel::load(path, options);
  ASSERT_FALSE(elsewhere.ok());
  EXPECT_EQ(elsewhere.error().code, ErrorCode::kResource);
  EXPECT_NE(elsewhere.error().message.find("cuda:7"), std::string::npos);
}

}  // namespace
}  // namespace cinescribe::language
