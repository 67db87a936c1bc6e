#include "cinescribe/models/bitsandbytes.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "cinescribe/tensor/json_fields.h"
#include "cinescribe/tensor/weight_type.h"

namespace cinescribe::models {

namespace {

using tensor::JsonFields;

constexpr const char* kStatePrefix = ".quant_state.bitsandbytes__";
constexpr std::size_t kLongestState = 64U << 10U;

Error broken(const std::string& name, const std::string& what) {
  return {ErrorCode::kModel, "the 4-bit tensor '" + name + "' " + what};
}

float float_at(std::span<const std::byte> bytes, std::int64_t index) {
  float value = 0.0F;
  std::memcpy(&value, bytes.data() + 4 * index, sizeof value);
  return value;
}

/// The companion of this name with f32 elements, `count` of them.
Result<std::span<const std::byte>> floats(const FourBitMatrix::Tensors& tensors, const std::string& name,
                                          std::int64_t count) {
  const auto found = tensors.find(name);
  if (found == tensors.end()) return Error{ErrorCode::kModel, "the checkpoint lacks the tensor '" + name + "'"};
  const TensorView& view = *found->second;
  if (view.type != ElementType::kF32 || view.elements() != static_cast<std::size_t>(count)) {
    return broken(name, "does not hold " + std::to_string(count) + " f32 numbers");
  }
  return view.bytes;
}

Result<std::vector<float>> finite_floats(const FourBitMatrix::Tensors& tensors, const std::string& name,
                                         std::int64_t count) {
  CINESCRIBE_ASSIGN(const auto bytes, floats(tensors, name, count));
  std::vector<float> out(static_cast<std::size_t>(count));
  std::memcpy(out.data(), bytes.data(), bytes.size());
  for (const float value : out) {
    if (!std::isfinite(value)) return broken(name, "holds a value that is no number");
  }
  return out;
}

/// Rounds to nearest even, as PyTorch casts.
void round_to(ElementType type, std::span<float> values) {
  if (type == ElementType::kF16) tensor::round_to_half(values);
  if (type == ElementType::kBf16) tensor::round_to_bfloat(values);
}

}  // namespace

bool FourBitMatrix::is_four_bit(const Tensors& tensors, const std::string& name) {
  const auto next = tensors.lower_bound(name + kStatePrefix);
  return next != tensors.end() && next->first.starts_with(name + kStatePrefix);
}

Status FourBitMatrix::read_state(const std::string& text, const std::string& suffix) {
  const auto object = nlohmann::json::parse(text, nullptr, false);
  if (!object.is_object()) return Error{ErrorCode::kModel, "quant_state: no JSON object in it"};
  const JsonFields state(object, "quant_state");
  CINESCRIBE_ASSIGN(const std::string kind, state.word("quant_type", {"nf4", "fp4"}));
  if (kind != suffix) return state.bad("quant_type", "'" + suffix + "' as in the tensor's name");
  CINESCRIBE_ASSIGN(block_size_, state.integer("blocksize", 1, 1 << 20));
  CINESCRIBE_ASSIGN(const std::string type, state.word("dtype", {"float16", "bfloat16", "float32"}));
  rounded_to_ = type == "float16" ? ElementType::kF16 : type == "bfloat16" ? ElementType::kBf16 : ElementType::kF32;
  const nlohmann::json* shape = state.find("shape");
  if (shape == nullptr || !shape->is_array() || shape->empty() || shape->size() > 8) {
    return state.bad("shape", "a list of extents");
  }
  elements_ = 1;
  for (const auto& item : *shape) {
    const std::int64_t extent = item.is_number_integer() ? item.get<std::int64_t>() : 0;
    if (extent < 1 || extent > (std::int64_t{1} << 40U) / elements_) return state.bad("shape", "sane extents");
    shape_.push_back(extent);
    elements_ *= extent;
  }
  const int nested = static_cast<int>(state.has("nested_blocksize")) + static_cast<int>(state.has("nested_offset"));
  has_quantised_scales_ = nested == 2;
  if (nested == 1) return state.bad("nested_offset", "nested_blocksize and nested_offset together");
  if (!has_quantised_scales_) return {};
  CINESCRIBE_ASSIGN(nested_block_size_, state.integer("nested_blocksize", 1, 1 << 20));
  CINESCRIBE_ASSIGN(const double offset, state.number("nested_offset", -1e30, 1e30));
  nested_offset_ = static_cast<float>(offset);
  CINESCRIBE_TRY(state.word("nested_dtype", {"float32"}, "float32"));
  return {};
}

Status FourBitMatrix::read_scales(const Tensors& tensors, const std::string& name) {
  const std::int64_t blocks = (elements_ + block_size_ - 1) / block_size_;
  const bool has_nested_parts =
      tensors.count(name + ".nested_absmax") != 0 || tensors.count(name + ".nested_quant_map") != 0;
  if (has_nested_parts != has_quantised_scales_) return broken(name, "has only some of its nested parts");
  if (!has_quantised_scales_) {
    CINESCRIBE_ASSIGN(scales_, floats(tensors, name + ".absmax", blocks));
    return {};
  }
  const auto absmax = tensors.find(name + ".absmax");
  if (absmax == tensors.end() || absmax->second->type != ElementType::kU8 ||
      absmax->second->bytes.size() != static_cast<std::size_t>(blocks)) {
    return broken(name, "has no ‘absmax’ of " + std::to_string(blocks) + " bytes");
  }
  scales_ = absmax->second->bytes;
  CINESCRIBE_ASSIGN(nested_table_, finite_floats(tensors, name + ".nested_quant_map", 256));
  const std::int64_t nested_blocks = (blocks + nested_block_size_ - 1) / nested_block_size_;
  CINESCRIBE_ASSIGN(nested_scales_, floats(tensors, name + ".nested_absmax", nested_blocks));
  return {};
}

Result<FourBitMatrix> FourBitMatrix::open(const Tensors& tensors, const std::string& name) {
  const auto state = tensors.lower_bound(name + kStatePrefix);
  if (!is_four_bit(tensors, name)) return broken(name, "has no quant_state");
  const auto codes = tensors.find(name);
  if (codes == tensors.end()) return Error{ErrorCode::kModel, "the checkpoint lacks the tensor '" + name + "'"};
  const auto bytes = state->second->bytes;
  if (state->second->type != ElementType::kU8 || bytes.size() > kLongestState) {
    return broken(name, "has a quant_state that is no text");
  }
  FourBitMatrix matrix;
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const Status read = matrix.read_state(text, state->first.substr(name.size() + std::strlen(kStatePrefix)));
  if (!read.ok()) return read.error().with_context("the 4-bit tensor '" + name + "'");
  matrix.codes_ = codes->second->bytes;  // whatever type the bytes are labelled with
  if (matrix.codes_.size() != static_cast<std::size_t>((matrix.elements_ + 1) / 2)) {
    return broken(name, "has " + std::to_string(matrix.codes_.size()) + " bytes of codes for " +
                            std::to_string(matrix.elements_) + " numbers");
  }
  CINESCRIBE_ASSIGN(const auto table, finite_floats(tensors, name + ".quant_map", 16));
  std::copy(table.begin(), table.end(), matrix.table_.begin());
  CINESCRIBE_TRY(matrix.read_scales(tensors, name));
  return matrix;
}

float FourBitMatrix::scale(std::int64_t block) const {
  if (!has_quantised_scales_) return float_at(scales_, block);
  const auto index = std::to_integer<std::size_t>(scales_[static_cast<std::size_t>(block)]);
  // Two roundings: a fused multiply-add would differ in the last bit from the reference.
  const volatile float product = nested_table_[index] * float_at(nested_scales_, block / nested_block_size_);
  return product + nested_offset_;
}

void FourBitMatrix::read(std::int64_t first, std::span<float> out) const {
  const std::int64_t end = first + static_cast<std::int64_t>(out.size());
  float* target = out.data();
  for (std::int64_t element = first; element < end;) {
    const std::int64_t block = element / block_size_;
    const std::int64_t block_end = std::min(end, (block + 1) * block_size_);
    const float block_scale = scale(block);
    for (; element < block_end; ++element) {
      const auto byte = std::to_integer<unsigned>(codes_[static_cast<std::size_t>(element / 2)]);
      *target++ = table_[element % 2 == 0 ? byte >> 4U : byte & 15U] * block_scale;
    }
  }
  round_to(rounded_to_, out);
}

}  // namespace cinescribe::models
