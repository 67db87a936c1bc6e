#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/models/safetensors.h"

namespace cinescribe::models {

/// A matrix that bitsandbytes has quantised to 4 bits (NF4 or FP4), plainly or with its scales quantised again.
///
/// Views the checkpoint's bytes, which must outlive it. Immutable; thread-safe.
/// @source bitsandbytes 0.50 functional.dequantize_4bit and its on-disk quant_state.
class FourBitMatrix {
 public:
  using Tensors = std::map<std::string, const TensorView*>;

  /// Whether `name` ("….weight") has a quant_state beside it.
  static bool is_four_bit(const Tensors& tensors, const std::string& name);
  /// Checks everything that reading needs: lengths, tables, shape, types. Errors: kModel, naming the tensor.
  static Result<FourBitMatrix> open(const Tensors& tensors, const std::string& name);

  [[nodiscard]] const std::vector<std::int64_t>& shape() const { return shape_; }
  [[nodiscard]] std::int64_t elements() const { return elements_; }

  /// Elements [first, first + out.size()), row-major, rounded to the type that the weight had before: bit for bit
  /// what bitsandbytes gives (but for the sign of FP4's second zero). Precondition: the range is inside.
  void read(std::int64_t first, std::span<float> out) const;

 private:
  FourBitMatrix() = default;
  [[nodiscard]] Status read_state(const std::string& json, const std::string& suffix);
  [[nodiscard]] Status read_scales(const Tensors& tensors, const std::string& name);
  [[nodiscard]] float scale(std::int64_t block) const;

  std::vector<std::int64_t> shape_;
  std::int64_t elements_ = 0;
  std::int64_t block_size_ = 64;
  ElementType rounded_to_ = ElementType::kF16;
  std::array<float, 16> table_{};
  std::span<const std::byte> codes_;
  std::span<const std::byte> scales_;  ///< One f32 or, with double quantisation, one byte per block.
  bool has_quantised_scales_ = false;
  std::int64_t nested_block_size_ = 256;
  float nested_offset_ = 0.0F;
  std::vector<float> nested_table_;
  std::span<const std::byte> nested_scales_;
};

}  // namespace cinescribe::models
