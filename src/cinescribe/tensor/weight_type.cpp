#include "cinescribe/tensor/weight_type.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>

#include <ggml.h>

namespace cinescribe::tensor {

namespace {

struct Named {
  WeightType type;
  const char* name;
};

constexpr std::array<Named, 14> kTypes = {{{WeightType::kF32, "f32"},
                                           {WeightType::kF16, "f16"},
                                           {WeightType::kQ40, "q4_0"},
                                           {WeightType::kQ41, "q4_1"},
                                           {WeightType::kQ50, "q5_0"},
                                           {WeightType::kQ51, "q5_1"},
                                           {WeightType::kQ80, "q8_0"},
                                           {WeightType::kQ2K, "q2_k"},
                                           {WeightType::kQ3K, "q3_k"},
                                           {WeightType::kQ4K, "q4_k"},
                                           {WeightType::kQ5K, "q5_k"},
                                           {WeightType::kQ6K, "q6_k"},
                                           {WeightType::kIq4Nl, "iq4_nl"},
                                           {WeightType::kBf16, "bf16"}}};

static_assert(static_cast<int>(WeightType::kF16) == GGML_TYPE_F16 &&
              static_cast<int>(WeightType::kQ80) == GGML_TYPE_Q8_0 &&
              static_cast<int>(WeightType::kQ50) == GGML_TYPE_Q5_0 &&
              static_cast<int>(WeightType::kQ6K) == GGML_TYPE_Q6_K &&
              static_cast<int>(WeightType::kIq4Nl) == GGML_TYPE_IQ4_NL &&
              static_cast<int>(WeightType::kBf16) == GGML_TYPE_BF16);

ggml_type ggml_type_of(WeightType type) { return static_cast<ggml_type>(type); }

/// The number of rows, or nothing when the sizes do not fit together.
std::size_t whole_rows(WeightType type, std::size_t floats, std::size_t row_length, std::size_t bytes) {
  if (row_length == 0 || floats % row_length != 0 || row_length % block_length(type) != 0) return 0;
  const std::size_t count = floats / row_length;
  return bytes == count * row_bytes(type, row_length) ? count : 0;
}

Error size_error(WeightType type, std::size_t floats, std::size_t row_length, std::size_t bytes) {
  return {ErrorCode::kInternal, std::string("cannot convert rows to or from ") + weight_type_name(type) + ": " +
                                    std::to_string(floats) + " numbers in rows of " + std::to_string(row_length) +
                                    " do not fit " + std::to_string(bytes) + " bytes"};
}

}  // namespace

const char* weight_type_name(WeightType type) {
  for (const Named& entry : kTypes) {
    if (entry.type == type) return entry.name;
  }
  return "unknown";
}

Result<WeightType> parse_weight_type(std::string_view name) {
  std::string known;
  for (const Named& entry : kTypes) {
    if (name == entry.name) return entry.type;
    known += (known.empty() ? "" : ", ") + std::string(entry.name);
  }
  return Error{ErrorCode::kUsage, "'" + std::string(name) + "' is no type of weights; known are " + known};
}

Result<WeightType> weight_type_from_id(std::int32_t id) {
  for (const Named& entry : kTypes) {
    if (static_cast<std::int32_t>(entry.type) == id) return entry.type;
  }
  return Error{ErrorCode::kModel, "type id " + std::to_string(id) + " is no type of weights that is supported here"};
}

std::size_t block_length(WeightType type) { return static_cast<std::size_t>(ggml_blck_size(ggml_type_of(type))); }

std::size_t row_bytes(WeightType type, std::size_t row_length) {
  return ggml_row_size(ggml_type_of(type), static_cast<std::int64_t>(row_length));
}

Status quantise_rows(WeightType type, std::span<const float> rows, std::size_t row_length, std::span<std::byte> out) {
  if (rows.empty() && out.empty()) return {};
  const std::size_t count = whole_rows(type, rows.size(), row_length, out.size());
  if (count == 0) return size_error(type, rows.size(), row_length, out.size());
  if (type == WeightType::kF32) {
    std::memcpy(out.data(), rows.data(), out.size());
    return {};
  }
  // ggml's tables for some types are built on first use; its own guard is for that, ours keeps it to one caller.
  static std::mutex mutex;
  {
    const std::lock_guard lock(mutex);
    ggml_quantize_init(ggml_type_of(type));
  }
  ggml_quantize_chunk(ggml_type_of(type), rows.data(), out.data(), 0, static_cast<std::int64_t>(count),
                      static_cast<std::int64_t>(row_length), nullptr);
  return {};
}

Status dequantise_rows(WeightType type, std::span<const std::byte> rows, std::size_t row_length, std::span<float> out) {
  if (rows.empty() && out.empty()) return {};
  if (whole_rows(type, out.size(), row_length, rows.size()) == 0) {
    return size_error(type, out.size(), row_length, rows.size());
  }
  if (type == WeightType::kF32) {
    std::memcpy(out.data(), rows.data(), rows.size());
    return {};
  }
  const auto* traits = ggml_get_type_traits(ggml_type_of(type));
  if (traits == nullptr || traits->to_float == nullptr) {
    return size_error(type, out.size(), row_length, rows.size());
  }
  traits->to_float(rows.data(), out.data(), static_cast<std::int64_t>(out.size()));
  return {};
}

void half_to_float(std::span<const std::byte> in, std::span<float> out) {
  std::array<ggml_fp16_t, 512> aligned = {};
  for (std::size_t done = 0; done < out.size(); done += aligned.size()) {
    const std::size_t count = std::min(aligned.size(), out.size() - done);
    std::memcpy(aligned.data(), in.data() + 2 * done, 2 * count);
    ggml_fp16_to_fp32_row(aligned.data(), out.data() + done, static_cast<std::int64_t>(count));
  }
}

void bfloat_to_float(std::span<const std::byte> in, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::uint16_t half = 0;
    std::memcpy(&half, in.data() + 2 * i, sizeof half);
    const std::uint32_t word = static_cast<std::uint32_t>(half) << 16U;
    std::memcpy(&out[i], &word, sizeof word);
  }
}

void round_to_half(std::span<float> values) {
  for (float& value : values) value = ggml_fp16_to_fp32(ggml_fp32_to_fp16(value));
}

void round_to_bfloat(std::span<float> values) {
  for (float& value : values) value = ggml_bf16_to_fp32(ggml_fp32_to_bf16(value));
}

}  // namespace cinescribe::tensor
