#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <vector>

#include "cinescribe/speech/dense_kernels.h"

// What every other implementation is tested against: the definitions, written down.
namespace cinescribe::speech {

namespace {

std::uint16_t bf16_of(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16U) & 1U)) >> 16U);
}

float from_bf16(std::uint16_t x) { return std::bit_cast<float>(std::uint32_t{x} << 16U); }

void quantise(const float* row, std::size_t depth, std::int8_t* values, float* scale, std::int32_t* sum) {
  float top = 0.0F;
  for (std::size_t i = 0; i < depth; ++i) top = std::max(top, std::fabs(row[i]));
  const float step = top > 0.0F ? top / 127.0F : 1.0F;
  const float inverse = 1.0F / step;
  std::int32_t total = 0;
  for (std::size_t i = 0; i < depth; ++i) {
    const float scaled = row[i] * inverse;
    const float bounded = scaled >= -127.0F ? std::min(scaled, 127.0F) : -127.0F;  // also of a NaN
    const auto rounded = static_cast<std::int32_t>(std::lrintf(bounded));
    values[i] = static_cast<std::int8_t>(rounded);
    total += rounded;
  }
  *scale = step;
  *sum = total;
}

void finish(float value, ProductMode mode, float& out) {
  if (mode == ProductMode::kStoreGelu) value = 0.5F * value * (1.0F + std::erf(value * 0.70710678F));
  out = mode == ProductMode::kAdd ? out + value : value;
}

void multiply_int8(const Int8Rows& rows, const Int8Panels& w, ProductMode mode, float* out, std::size_t stride) {
  for (std::size_t r = 0; r < rows.count; ++r) {
    const std::int8_t* left = rows.values + r * rows.depth;
    for (std::size_t n = 0; n < w.width; ++n) {
      const std::uint8_t* right = w.panels + n / kPanelWidth * w.depth * kPanelWidth + n % kPanelWidth * 4;
      std::int32_t sum = 0;
      for (std::size_t k = 0; k < w.depth; ++k) sum += left[k] * right[k / 4 * 4 * kPanelWidth + k % 4];
      const auto exact = static_cast<float>(sum - 128 * rows.sums[r]);
      finish(exact * (rows.scales[r] * w.scales[n]) + w.biases[n], mode, out[r * stride + n]);
    }
  }
}

void multiply_bf16(const std::uint16_t* rows, std::size_t a_stride, std::size_t count, const Bf16Panels& w,
                   ProductMode mode, float* out, std::size_t stride) {
  for (std::size_t r = 0; r < count; ++r) {
    for (std::size_t n = 0; n < w.width; ++n) {
      const std::uint16_t* right = w.panels + n / kPanelWidth * w.depth * kPanelWidth + n % kPanelWidth * 2;
      float sum = 0.0F;
      for (std::size_t k = 0; k < w.depth; ++k) {
        sum += from_bf16(rows[r * a_stride + k]) * from_bf16(right[k / 2 * 2 * kPanelWidth + k % 2]);
      }
      finish(sum + (w.biases == nullptr ? 0.0F : w.biases[n]), mode, out[r * stride + n]);
    }
  }
}

void multiply_f32(const float* rows, std::size_t a_stride, std::size_t count, const float* matrix, std::size_t depth,
                  std::size_t width, float* out, std::size_t stride) {
  for (std::size_t r = 0; r < count; ++r) {
    float* sums = out + r * stride;
    std::fill_n(sums, width, 0.0F);
    for (std::size_t k = 0; k < depth; ++k) {
      const float x = rows[r * a_stride + k];
      for (std::size_t n = 0; n < width; ++n) sums[n] += x * matrix[k * width + n];
    }
  }
}

void to_bf16(const float* in, std::size_t count, std::uint16_t* out) { std::transform(in, in + count, out, bf16_of); }

void layer_norm(const float* row, const float* gain, const float* bias, std::size_t size, float* out) {
  float sum = 0.0F;
  for (std::size_t i = 0; i < size; ++i) sum += row[i];
  const float mean = sum / static_cast<float>(size);
  float squares = 0.0F;
  for (std::size_t i = 0; i < size; ++i) squares += (row[i] - mean) * (row[i] - mean);
  const float inverse = 1.0F / std::sqrt(squares / static_cast<float>(size) + 1e-5F);
  for (std::size_t i = 0; i < size; ++i) out[i] = (row[i] - mean) * inverse * gain[i] + bias[i];
}

void attend(const HeadTask& task) {
  std::vector<float> weights(task.positions);
  for (std::size_t r = 0; r < task.rows; ++r) {
    const float* query = task.queries + r * task.query_stride;
    float top = -INFINITY;
    for (std::size_t key = 0; key < task.positions; ++key) {
      const std::uint16_t* panel = task.keys + key / kPanelWidth * kPanelWidth * kHeadSize + key % kPanelWidth * 2;
      float score = 0.0F;
      for (std::size_t d = 0; d < kHeadSize; ++d) {
        score += from_bf16(bf16_of(query[d])) * from_bf16(panel[d / 2 * 2 * kPanelWidth + d % 2]);
      }
      weights[key] = score;
      top = std::max(top, score);
    }
    float total = 0.0F;
    for (float& weight : weights) {
      weight = from_bf16(bf16_of(std::exp2(weight - top)));
      total += weight;
    }
    std::array<float, kHeadSize> mixed{};
    for (std::size_t key = 0; key < task.positions; ++key) {
      const std::uint16_t* value = task.values + key / 2 * 2 * kHeadSize + key % 2;
      for (std::size_t d = 0; d < kHeadSize; ++d) mixed[d] += weights[key] * from_bf16(value[d * 2]);
    }
    for (std::size_t d = 0; d < kHeadSize; ++d) task.out[r * task.out_stride + d] = mixed[d] / total;
    if (task.weights != nullptr) {
      for (std::size_t key = 0; key < task.positions; ++key) {
        task.weights[r * task.positions + key] = weights[key] / total;
      }
    }
  }
}

void pack_keys(const float* keys, std::size_t stride, std::size_t rows, std::uint16_t* panel) {
  for (std::size_t key = 0; key < kPanelWidth; ++key) {
    for (std::size_t d = 0; d < kHeadSize; ++d) {
      panel[d / 2 * 2 * kPanelWidth + key * 2 + d % 2] = key < rows ? bf16_of(keys[key * stride + d]) : 0;
    }
  }
}

void pack_values(const float* values, std::size_t stride, std::size_t rows, std::uint16_t* panel) {
  for (std::size_t row = 0; row < (rows + 1) / 2 * 2; ++row) {
    for (std::size_t d = 0; d < kHeadSize; ++d) {
      panel[row / 2 * 2 * kHeadSize + d * 2 + row % 2] = row < rows ? bf16_of(values[row * stride + d]) : 0;
    }
  }
}

float dot(const float* a, const float* b, std::size_t size) {
  float sum = 0.0F;
  for (std::size_t i = 0; i < size; ++i) sum += a[i] * b[i];
  return sum;
}

void add_scaled(float factor, const float* in, std::size_t size, float* out) {
  for (std::size_t i = 0; i < size; ++i) out[i] += factor * in[i];
}

void log_sum_parts(const float* x, std::size_t size, float* largest, double* sum) {
  *largest = *std::max_element(x, x + size);
  *sum = 0.0;
  for (std::size_t i = 0; i < size; ++i) *sum += static_cast<double>(std::exp(x[i] - *largest));
}

void median_of_seven(const float* in, std::size_t size, float* out) {
  for (std::size_t i = 0; i < size; ++i) {
    std::array<float, 7> window{};
    std::copy_n(in + i, 7, window.begin());
    std::nth_element(window.begin(), window.begin() + 3, window.end());
    out[i] = window[3];
  }
}

}  // namespace

const DenseKernels& portable_dense_kernels() {
  static const DenseKernels kernels = {"portable", quantise,   multiply_int8, multiply_bf16,  multiply_f32,
                                       to_bf16,    layer_norm, attend,        pack_keys,      pack_values,
                                       dot,        add_scaled, log_sum_parts, median_of_seven};
  return kernels;
}

}  // namespace cinescribe::speech
