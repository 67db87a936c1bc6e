// The engines' products of 4-bit, 6-bit and 8-bit matrices that are interleaved for this processor (in part ours, see
// third_party/engines/*_vnni.h), against ggml's own products of the same matrices as they lie in files.
#include <cmath>
#include <random>
#include <vector>

#include <ggml-cpu.h>
#include <gtest/gtest.h>

#include "cinescribe/tensor/backends.h"
#include "cinescribe/tensor/ggml_handles.h"

namespace cinescribe::tensor {
namespace {

constexpr int kWidth = 768;  ///< Three blocks of 256.

/// Where ggml puts matrices that it interleaves; null: not on this processor.
ggml_backend_buffer_type_t interleaving_buffers() {
  ggml_backend_dev_t device = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
  const auto list = reinterpret_cast<ggml_backend_dev_get_extra_bufts_t>(
      ggml_backend_reg_get_proc_address(ggml_backend_dev_backend_reg(device), "ggml_backend_dev_get_extra_bufts"));
  if (list == nullptr) return nullptr;
  for (ggml_backend_buffer_type_t* type = list(device); type != nullptr && *type != nullptr; ++type) {
    if (std::string(ggml_backend_buft_name(*type)) == "CPU_REPACK") return *type;
  }
  return nullptr;
}

std::vector<float> random_values(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> value(0.1F, 1.0F);
  std::vector<float> values(count);
  for (float& v : values) v = value(random);
  return values;
}

GgmlContext small_context() { return GgmlContext(ggml_init({ggml_tensor_overhead() * 16, nullptr, true})); }

/// `weights` (rows x kWidth, of `type`) in buffers of `place`, times `columns` columns.
std::vector<float> product(ggml_backend_buffer_type_t place, ggml_type type, const std::vector<std::uint8_t>& weights,
                           int rows, const std::vector<float>& activations, int columns) {
  const GgmlContext constant = small_context();
  ggml_tensor* matrix = ggml_new_tensor_2d(constant.get(), type, kWidth, rows);
  const BackendBuffer held(ggml_backend_alloc_ctx_tensors_from_buft(constant.get(), place));
  ggml_backend_tensor_set(matrix, weights.data(), 0, weights.size());

  const GgmlContext moving = small_context();
  ggml_tensor* input = ggml_new_tensor_2d(moving.get(), GGML_TYPE_F32, kWidth, columns);
  ggml_tensor* output = ggml_mul_mat(moving.get(), matrix, input);
  const Backend cpu(ggml_backend_init_by_type(GGML_BACKEND_DEVICE_TYPE_CPU, nullptr));
  const BackendBuffer values(ggml_backend_alloc_ctx_tensors(moving.get(), cpu.get()));
  ggml_backend_tensor_set(input, activations.data(), 0, activations.size() * sizeof(float));
  const GgmlContext graphs(ggml_init({ggml_graph_overhead(), nullptr, true}));
  ggml_cgraph* graph = ggml_new_graph(graphs.get());
  ggml_build_forward_expand(graph, output);
  EXPECT_EQ(ggml_backend_graph_compute(cpu.get(), graph), GGML_STATUS_SUCCESS);
  std::vector<float> result(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns));
  ggml_backend_tensor_get(output, result.data(), 0, result.size() * sizeof(float));
  return result;
}

class InterleavedMatrices : public testing::TestWithParam<ggml_type> {};

TEST_P(InterleavedMatrices, GiveTheSameProductsForAnyNumberOfColumns) {
  ASSERT_TRUE(load_backends().ok());
  const ggml_backend_buffer_type_t interleaved = interleaving_buffers();
  if (interleaved == nullptr) GTEST_SKIP() << "this processor's kernels interleave nothing";
  constexpr int kRows = 80;
  const auto plain_weights = random_values(static_cast<std::size_t>(kRows) * kWidth, 1);
  std::vector<std::uint8_t> weights(ggml_row_size(GetParam(), kWidth) * kRows);
  ASSERT_EQ(ggml_quantize_chunk(GetParam(), plain_weights.data(), weights.data(), 0, kRows, kWidth, nullptr),
            weights.size());
  // Both quantise the activations to the same eight bits; what differs is the order of a few additions, and for q8_0
  // that ggml rounds the scales of activations to eleven bits.
  const float tolerance = GetParam() == GGML_TYPE_Q8_0 ? 1e-3F : 2e-4F;
  for (const int columns : {1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 16, 19, 33, 70}) {
    const auto activations = random_values(static_cast<std::size_t>(columns) * kWidth, 2);
    const auto expected = product(ggml_backend_cpu_buffer_type(), GetParam(), weights, kRows, activations, columns);
    const auto found = product(interleaved, GetParam(), weights, kRows, activations, columns);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_NEAR(found[i], expected[i], tolerance * std::sqrt(static_cast<float>(kWidth)))
          << columns << " columns, column " << i / kRows << ", row " << i % kRows;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, InterleavedMatrices, testing::Values(GGML_TYPE_Q4_K, GGML_TYPE_Q6_K, GGML_TYPE_Q8_0),
                         [](const auto& type) { return std::string(ggml_type_name(type.param)); });

}  // namespace
}  // namespace cinescribe::tensor
