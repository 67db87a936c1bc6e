#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "cinescribe/speech/aligned_array.h"
#include "cinescribe/speech/dense_kernels.h"

namespace cinescribe::speech {

/// A weight matrix packed for `DenseKernels::multiply_int8`: one scale per output.
class Int8Matrix {
 public:
  Int8Matrix() = default;
  /// `depth` is a multiple of 4.
  Int8Matrix(std::size_t width, std::size_t depth);

  /// Output `row` from its `depth` weights, times `factor`. Different rows may be set by different threads.
  void set_row(const DenseKernels& kernels, std::size_t row, std::span<const float> weights, float factor = 1.0F);
  void set_bias(std::size_t row, float bias) { biases_.data()[row] = bias; }

  [[nodiscard]] Int8Panels panels() const { return {panels_.data(), scales_.data(), biases_.data(), width_, depth_}; }
  /// The weights of output `row` as they are stored.
  void get_row(std::size_t row, std::span<float> weights) const;
  [[nodiscard]] std::size_t width() const { return width_; }

 private:
  std::size_t width_ = 0;
  std::size_t depth_ = 0;
  AlignedArray<std::uint8_t> panels_;
  AlignedArray<float> scales_;
  AlignedArray<float> biases_;
};

/// A weight matrix packed for `DenseKernels::multiply_bf16`.
class Bf16Matrix {
 public:
  Bf16Matrix() = default;
  /// `depth` is even.
  Bf16Matrix(std::size_t width, std::size_t depth);
  void set_row(const DenseKernels& kernels, std::size_t row, std::span<const float> weights, float bias);
  [[nodiscard]] Bf16Panels panels() const { return {panels_.data(), biases_.data(), width_, depth_}; }

 private:
  std::size_t width_ = 0;
  std::size_t depth_ = 0;
  AlignedArray<std::uint16_t> panels_;
  AlignedArray<float> biases_;
};

/// Rows of activations turned into eight bits; the buffers are used again.
class QuantisedRows {
 public:
  /// `rows`: `count` rows of `depth` numbers, `stride` apart.
  Int8Rows fill(const DenseKernels& kernels, const float* rows, std::size_t stride, std::size_t count,
                std::size_t depth);

 private:
  AlignedArray<std::int8_t> values_;
  std::vector<float> scales_;
  std::vector<std::int32_t> sums_;
};

}  // namespace cinescribe::speech
