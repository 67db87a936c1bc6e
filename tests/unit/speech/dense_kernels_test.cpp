#include "cinescribe/speech/dense_kernels.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cinescribe/speech/aligned_array.h"
#include "cinescribe/speech/dense_weights.h"

namespace cinescribe::speech {
namespace {

std::vector<float> random_numbers(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> numbers(count);
  std::generate(numbers.begin(), numbers.end(), [&] { return normal(random); });
  return numbers;
}

double largest_difference(std::span<const float> a, std::span<const float> b) {
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::fabs(static_cast<double>(a[i] - b[i])));
  return largest;
}

/// Every implementation that this processor can run; the portable one is the definition.
std::vector<const DenseKernels*> implementations() {
  std::vector<const DenseKernels*> found = {&portable_dense_kernels()};
  if (const DenseKernels* fastest = fastest_dense_kernels()) {
    found.push_back(fastest);
#ifdef CINESCRIBE_HAS_AVX512_KERNELS
    found.push_back(&avx512_vnni_dense_kernels());
#endif
  }
  return found;
}

class DenseKernelsTest : public testing::TestWithParam<const DenseKernels*> {
 protected:
  const DenseKernels& kernels_ = *GetParam();
};

TEST_P(DenseKernelsTest, eight_bit_rows_are_within_half_a_step) {
  for (const std::size_t depth : {4U, 64U, 100U, 2048U}) {
    const auto row = random_numbers(depth, 1);
    std::vector<std::int8_t> values(depth);
    float scale = 0.0F;
    std::int32_t sum = 0;
    kernels_.quantise(row.data(), depth, values.data(), &scale, &sum);
    std::int32_t expected_sum = 0;
    for (std::size_t i = 0; i < depth; ++i) {
      EXPECT_NEAR(static_cast<float>(values[i]) * scale, row[i], scale * 0.501F);
      expected_sum += values[i];
    }
    EXPECT_EQ(sum, expected_sum);
  }
}

TEST_P(DenseKernelsTest, zeros_and_numbers_that_are_none_become_valid_rows) {
  const float nan = std::nanf("");
  for (const float odd : {0.0F, nan, INFINITY}) {
    const std::vector<float> row(16, odd);
    std::vector<std::int8_t> values(16, 1);
    float scale = 0.0F;
    std::int32_t sum = 0;
    kernels_.quantise(row.data(), row.size(), values.data(), &scale, &sum);
    for (const std::int8_t value : values) {
      EXPECT_GE(value, -127);
      EXPECT_LE(std::abs(sum), 127 * 16);
    }
  }
}

TEST_P(DenseKernelsTest, eight_bit_products_are_exact_in_every_shape) {
  for (const std::size_t width : {1U, 63U, 64U, 100U, 200U}) {
    for (const std::size_t rows : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 13U}) {
      constexpr std::size_t kDepth = 36;
      Int8Matrix matrix(width, kDepth);
      const auto weights = random_numbers(width * kDepth, 2);
      for (std::size_t n = 0; n < width; ++n) {
        matrix.set_row(kernels_, n, std::span(weights).subspan(n * kDepth, kDepth));
        matrix.set_bias(n, static_cast<float>(n) * 0.01F);
      }
      const auto input = random_numbers(rows * kDepth, 3);
      QuantisedRows quantised;
      const Int8Rows a = quantised.fill(kernels_, input.data(), kDepth, rows, kDepth);
      std::vector<float> out(rows * width, 100.0F);
      kernels_.multiply_int8(a, matrix.panels(), ProductMode::kStore, out.data(), width);
      std::vector<float> weight_row(kDepth);
      for (std::size_t n = 0; n < width; ++n) {
        matrix.get_row(n, weight_row);
        for (std::size_t r = 0; r < rows; ++r) {
          double expected = static_cast<double>(n) * 0.01;
          for (std::size_t k = 0; k < kDepth; ++k) {
            expected += static_cast<double>(static_cast<float>(a.values[r * kDepth + k]) * a.scales[r]) *
                        static_cast<double>(weight_row[k]);
          }
          ASSERT_NEAR(out[r * width + n], expected, 1e-3) << width << " " << rows << " " << n << " " << r;
        }
      }
    }
  }
}

TEST_P(DenseKernelsTest, products_are_stored_added_or_bent) {
  constexpr std::size_t kWidth = 70;
  constexpr std::size_t kDepth = 8;
  Int8Matrix matrix(kWidth, kDepth);
  const auto weights = random_numbers(kWidth * kDepth, 4);
  for (std::size_t n = 0; n < kWidth; ++n) matrix.set_row(kernels_, n, std::span(weights).subspan(n * kDepth, kDepth));
  const auto input = random_numbers(kDepth, 5);
  QuantisedRows quantised;
  const Int8Rows a = quantised.fill(kernels_, input.data(), kDepth, 1, kDepth);
  std::vector<float> plain(kWidth);
  std::vector<float> added(kWidth, 2.0F);
  std::vector<float> bent(kWidth);
  kernels_.multiply_int8(a, matrix.panels(), ProductMode::kStore, plain.data(), kWidth);
  kernels_.multiply_int8(a, matrix.panels(), ProductMode::kAdd, added.data(), kWidth);
  kernels_.multiply_int8(a, matrix.panels(), ProductMode::kStoreGelu, bent.data(), kWidth);
  for (std::size_t n = 0; n < kWidth; ++n) {
    EXPECT_NEAR(added[n], plain[n] + 2.0F, 1e-5);
    EXPECT_NEAR(bent[n], 0.5 * plain[n] * (1.0 + std::erf(plain[n] / std::sqrt(2.0))), 2e-6);
  }
}

TEST_P(DenseKernelsTest, bfloat16_products_are_those_of_rounded_numbers) {
  constexpr std::size_t kWidth = 90;
  constexpr std::size_t kDepth = 30;
  Bf16Matrix matrix(kWidth, kDepth);
  const auto weights = random_numbers(kWidth * kDepth, 6);
  for (std::size_t n = 0; n < kWidth; ++n) {
    matrix.set_row(kernels_, n, std::span(weights).subspan(n * kDepth, kDepth), 0.5F);
  }
  for (const std::size_t rows : {1U, 6U, 8U}) {
    const auto input = random_numbers(rows * kDepth, 7);
    std::vector<std::uint16_t> a(input.size());
    kernels_.to_bf16(input.data(), input.size(), a.data());
    std::vector<float> out(rows * kWidth);
    kernels_.multiply_bf16(a.data(), kDepth, rows, matrix.panels(), ProductMode::kStore, out.data(), kWidth);
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t n = 0; n < kWidth; ++n) {
        double expected = 0.5;
        double size = 0.0;
        for (std::size_t k = 0; k < kDepth; ++k) {
          const double product =
              static_cast<double>(input[r * kDepth + k]) * static_cast<double>(weights[n * kDepth + k]);
          expected += product;
          size += std::fabs(product);
        }
        ASSERT_NEAR(out[r * kWidth + n], expected, 0.008 * size);
      }
    }
  }
}

TEST_P(DenseKernelsTest, single_precision_products_are_products) {
  constexpr std::size_t kWidth = 128;
  constexpr std::size_t kDepth = 21;
  const auto matrix = random_numbers(kDepth * kWidth, 8);
  for (const std::size_t rows : {1U, 6U, 9U}) {
    const auto input = random_numbers(rows * kDepth, 9);
    std::vector<float> out(rows * kWidth);
    kernels_.multiply_f32(input.data(), kDepth, rows, matrix.data(), kDepth, kWidth, out.data(), kWidth);
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t n = 0; n < kWidth; ++n) {
        double expected = 0.0;
        for (std::size_t k = 0; k < kDepth; ++k) {
          expected += static_cast<double>(input[r * kDepth + k]) * static_cast<double>(matrix[k * kWidth + n]);
        }
        ASSERT_NEAR(out[r * kWidth + n], expected, 1e-4);
      }
    }
  }
}

TEST_P(DenseKernelsTest, layer_norm_has_mean_zero_and_variance_one) {
  constexpr std::size_t kSize = 72;
  const auto row = random_numbers(kSize, 10);
  std::vector<float> out(kSize);
  kernels_.layer_norm(row.data(), std::vector<float>(kSize, 2.0F).data(), std::vector<float>(kSize, 1.0F).data(), kSize,
                      out.data());
  double mean = 0.0;
  double squares = 0.0;
  for (const float x : out) mean += static_cast<double>(x) / kSize;
  for (const float x : out) squares += (static_cast<double>(x) - mean) * (static_cast<double>(x) - mean) / kSize;
  EXPECT_NEAR(mean, 1.0, 1e-5);
  EXPECT_NEAR(squares, 4.0, 1e-3);
}

/// softmax(queries keys^T) values in double precision.
std::vector<float> attention(std::span<const float> queries, std::span<const float> keys, std::span<const float> values,
                             std::vector<float>& weights) {
  const std::size_t positions = keys.size() / kHeadSize;
  std::vector<float> out(queries.size());
  for (std::size_t r = 0; r < queries.size() / kHeadSize; ++r) {
    std::vector<double> shares(positions);
    double total = 0.0;
    for (std::size_t key = 0; key < positions; ++key) {
      double score = 0.0;
      for (std::size_t d = 0; d < kHeadSize; ++d) {
        score += static_cast<double>(queries[r * kHeadSize + d]) * static_cast<double>(keys[key * kHeadSize + d]);
      }
      total += shares[key] = std::exp2(score);
    }
    for (std::size_t key = 0; key < positions; ++key) {
      weights.push_back(static_cast<float>(shares[key] / total));
      for (std::size_t d = 0; d < kHeadSize; ++d) {
        out[r * kHeadSize + d] +=
            static_cast<float>(shares[key] / total * static_cast<double>(values[key * kHeadSize + d]));
      }
    }
  }
  return out;
}

TEST_P(DenseKernelsTest, attention_is_a_softmax_over_the_positions_that_count) {
  for (const std::size_t positions : {1U, 50U, 64U, 77U, 200U}) {
    for (const std::size_t rows : {1U, 5U, 24U, 31U}) {
      auto queries = random_numbers(rows * kHeadSize, 11);
      for (float& x : queries) x *= 0.2F;
      const auto keys = random_numbers(positions * kHeadSize, 12);
      const auto values = random_numbers(positions * kHeadSize, 13);
      const std::size_t padded = padded_positions(positions);
      AlignedArray<std::uint16_t> key_panels(padded * kHeadSize);
      AlignedArray<std::uint16_t> value_panel(padded * kHeadSize);
      for (std::size_t key = 0; key < positions; key += kPanelWidth) {
        kernels_.pack_keys(keys.data() + key * kHeadSize, kHeadSize, std::min(kPanelWidth, positions - key),
                           key_panels.data() + key * kHeadSize);
      }
      kernels_.pack_values(values.data(), kHeadSize, positions, value_panel.data());
      AlignedArray<std::byte> scratch(attention_scratch_bytes(positions));
      std::vector<float> out(rows * kHeadSize);
      std::vector<float> weights(rows * positions);
      HeadTask task;
      task.queries = queries.data();
      task.query_stride = kHeadSize;
      task.rows = rows;
      task.keys = key_panels.data();
      task.values = value_panel.data();
      task.positions = positions;
      task.out = out.data();
      task.out_stride = kHeadSize;
      task.weights = weights.data();
      task.scratch = scratch.data();
      kernels_.attend(task);
      std::vector<float> expected_weights;
      const auto expected = attention(queries, keys, values, expected_weights);
      EXPECT_LT(largest_difference(out, expected), 0.03) << positions << " " << rows;
      EXPECT_LT(largest_difference(weights, expected_weights), 0.02) << positions << " " << rows;
      for (std::size_t r = 0; r < rows; ++r) {
        double sum = 0.0;
        for (std::size_t key = 0; key < positions; ++key) sum += static_cast<double>(weights[r * positions + key]);
        EXPECT_NEAR(sum, 1.0, 1e-3);
      }
    }
  }
}

TEST_P(DenseKernelsTest, small_helpers_do_what_their_names_say) {
  const auto a = random_numbers(64, 14);
  const auto b = random_numbers(64, 15);
  double expected = 0.0;
  for (std::size_t i = 0; i < 64; ++i) expected += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  EXPECT_NEAR(kernels_.dot(a.data(), b.data(), 64), expected, 1e-4);

  auto sum = a;
  kernels_.add_scaled(0.5F, b.data(), 33, sum.data());
  EXPECT_NEAR(sum[32], a[32] + 0.5F * b[32], 1e-6);
  EXPECT_EQ(sum[33], a[33]);

  std::vector<float> logits = {1.0F, -INFINITY, 3.0F, 2.0F};
  logits.resize(21, -INFINITY);
  float largest = 0.0F;
  double total = 0.0;
  kernels_.log_sum_parts(logits.data(), logits.size(), &largest, &total);
  EXPECT_EQ(largest, 3.0F);
  EXPECT_NEAR(total, 1.0 + std::exp(-1.0) + std::exp(-2.0), 1e-5);

  const auto in = random_numbers(40 + 6, 16);
  std::vector<float> medians(40);
  kernels_.median_of_seven(in.data(), medians.size(), medians.data());
  for (std::size_t i = 0; i < medians.size(); ++i) {
    std::vector<float> window(in.begin() + static_cast<std::ptrdiff_t>(i),
                              in.begin() + static_cast<std::ptrdiff_t>(i) + 7);
    std::sort(window.begin(), window.end());
    ASSERT_EQ(medians[i], window[3]) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(all, DenseKernelsTest, testing::ValuesIn(implementations()),
                         [](const auto& test) { return "kernels_" + std::to_string(test.index); });

}  // namespace
}  // namespace cinescribe::speech
