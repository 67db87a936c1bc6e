#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "cinescribe/core/status.h"

namespace cinescribe::tensor {

/// How the numbers of a weight matrix are stored. The values are ggml's type ids, as written in its files.
enum class WeightType : std::int32_t {
  kF32 = 0,
  kF16 = 1,
  kQ40 = 2,
  kQ41 = 3,
  kQ50 = 6,
  kQ51 = 7,
  kQ80 = 8,
  kQ2K = 10,
  kQ3K = 11,
  kQ4K = 12,
  kQ5K = 13,
  kQ6K = 14,
  kIq4Nl = 20,
  kBf16 = 30,
};

/// "f32", "f16", "bf16", "q8_0", "q5_0", "q4_k" ...
const char* weight_type_name(WeightType type);

/// Error: kUsage, naming the accepted words.
Result<WeightType> parse_weight_type(std::string_view name);

/// The type with this ggml id. Error: kModel.
Result<WeightType> weight_type_from_id(std::int32_t id);

/// Numbers per block: a row's length must be a multiple of it (1, 32 or 256).
std::size_t block_length(WeightType type);

/// Bytes of one row. Precondition: row_length is a multiple of `block_length(type)`.
std::size_t row_bytes(WeightType type, std::size_t row_length);

/// Writes f32 rows as `type`; thread-safe, so that callers may split a matrix by rows.
/// Sizes: rows holds a whole number of rows, out holds exactly that many `row_bytes`. Errors: kInternal (sizes that do
/// not fit, an unsupported type).
Status quantise_rows(WeightType type, std::span<const float> rows, std::size_t row_length, std::span<std::byte> out);

/// Reads rows of `type` back to f32; thread-safe. Sizes as above. Errors: kInternal.
Status dequantise_rows(WeightType type, std::span<const std::byte> rows, std::size_t row_length, std::span<float> out);

/// IEEE half precision (little-endian, any alignment) to f32. Sizes: in.size() == 2 * out.size().
void half_to_float(std::span<const std::byte> in, std::span<float> out);

/// bfloat16 (little-endian, any alignment) to f32. Sizes: in.size() == 2 * out.size().
void bfloat_to_float(std::span<const std::byte> in, std::span<float> out);

/// Rounds to what half precision can hold, to nearest even; values beyond its range become infinite.
void round_to_half(std::span<float> values);

/// Rounds to what bfloat16 can hold, to nearest even.
void round_to_bfloat(std::span<float> values);

}  // namespace cinescribe::tensor
