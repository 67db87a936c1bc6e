#include "cinescribe/speech/dense_weights.h"

#include <algorithm>

namespace cinescribe::speech {

namespace {

constexpr std::size_t whole_panels(std::size_t width) { return (width + kPanelWidth - 1) / kPanelWidth * kPanelWidth; }

/// Where weight (row, k) lies, with `group` consecutive k together.
constexpr std::size_t panel_index(std::size_t row, std::size_t k, std::size_t depth, std::size_t group) {
  return row / kPanelWidth * depth * kPanelWidth + k / group * group * kPanelWidth + row % kPanelWidth * group +
         k % group;
}

constexpr int kByteOffset = 128;

}  // namespace

Int8Matrix::Int8Matrix(std::size_t width, std::size_t depth)
    : width_(width),
      depth_(depth),
      panels_(whole_panels(width) * depth),
      scales_(whole_panels(width)),
      biases_(whole_panels(width)) {
  std::fill_n(panels_.data(), panels_.size(), static_cast<std::uint8_t>(kByteOffset));
}

void Int8Matrix::set_row(const DenseKernels& kernels, std::size_t row, std::span<const float> weights, float factor) {
  std::vector<std::int8_t> rounded(weights.size());
  float step = 1.0F;
  std::int32_t sum = 0;
  kernels.quantise(weights.data(), weights.size(), rounded.data(), &step, &sum);
  scales_.data()[row] = step * factor;
  for (std::size_t k = 0; k < rounded.size(); ++k) {
    panels_.data()[panel_index(row, k, depth_, 4)] = static_cast<std::uint8_t>(rounded[k] + kByteOffset);
  }
}

void Int8Matrix::get_row(std::size_t row, std::span<float> weights) const {
  for (std::size_t k = 0; k < weights.size(); ++k) {
    const int value = int{panels_.data()[panel_index(row, k, depth_, 4)]} - kByteOffset;
    weights[k] = static_cast<float>(value) * scales_.data()[row];
  }
}

Bf16Matrix::Bf16Matrix(std::size_t width, std::size_t depth)
    : width_(width), depth_(depth), panels_(whole_panels(width) * depth), biases_(whole_panels(width)) {}

void Bf16Matrix::set_row(const DenseKernels& kernels, std::size_t row, std::span<const float> weights, float bias) {
  std::vector<std::uint16_t> rounded(weights.size());
  kernels.to_bf16(weights.data(), weights.size(), rounded.data());
  for (std::size_t k = 0; k < rounded.size(); ++k) panels_.data()[panel_index(row, k, depth_, 2)] = rounded[k];
  biases_.data()[row] = bias;
}

Int8Rows QuantisedRows::fill(const DenseKernels& kernels, const float* rows, std::size_t stride, std::size_t count,
                             std::size_t depth) {
  values_.reserve(count * depth);
  if (scales_.size() < count) {
    scales_.resize(count);
    sums_.resize(count);
  }
  for (std::size_t r = 0; r < count; ++r) {
    kernels.quantise(rows + r * stride, depth, values_.data() + r * depth, &scales_[r], &sums_[r]);
  }
  return {values_.data(), scales_.data(), sums_.data(), count, depth};
}

}  // namespace cinescribe::speech
