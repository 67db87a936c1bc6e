#include "cinescribe/models/import_type.h"

#include <array>

namespace cinescribe::models {

namespace {

using tensor::WeightType;

struct Known {
  const char* name;
  WeightType base;
  std::uint32_t file_type;
  bool is_medium;
};

constexpr std::array<Known, 8> kKnown = {{{"f32", WeightType::kF32, 0, false},
                                          {"f16", WeightType::kF16, 1, false},
                                          {"bf16", WeightType::kBf16, 32, false},
                                          {"q8_0", WeightType::kQ80, 7, false},
                                          {"q6_k", WeightType::kQ6K, 18, false},
                                          {"q5_k_m", WeightType::kQ5K, 17, true},
                                          {"q4_k_m", WeightType::kQ4K, 15, true},
                                          {"iq4_nl", WeightType::kIq4Nl, 25, false}}};

bool is_quantised(WeightType type) { return tensor::block_length(type) > 1; }

bool holds(WeightType type, std::int64_t row_length) {
  return row_length % static_cast<std::int64_t>(tensor::block_length(type)) == 0;
}

/// The next type with smaller blocks; f16 holds every row.
StoredType with_fallback(WeightType wanted, std::int64_t row_length) {
  if (holds(wanted, row_length)) return {wanted, false};
  WeightType smaller = WeightType::kF16;
  if (wanted == WeightType::kQ4K) smaller = WeightType::kQ50;
  if (wanted == WeightType::kQ5K) smaller = WeightType::kQ51;
  if (wanted == WeightType::kQ6K) smaller = WeightType::kQ80;
  return {holds(smaller, row_length) ? smaller : WeightType::kF16, true};
}

/// Layers at both ends, and every third between them.
bool deserves_more_bits(int layer, int layers) {
  return layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
}

WeightType attention_value_type(const ImportType& type, int layer, const MixtureFacts& facts) {
  WeightType wanted = type.base;
  if (type.base == WeightType::kIq4Nl && facts.heads / facts.kv_heads >= 4) wanted = WeightType::kQ5K;
  if (type.is_medium && deserves_more_bits(layer, facts.layers)) wanted = WeightType::kQ6K;
  // Grouped heads of the largest models share few values: a little more costs next to nothing.
  const bool is_largest = facts.layers == 80 && facts.heads != facts.kv_heads;
  if (is_largest && wanted == WeightType::kQ4K) wanted = WeightType::kQ5K;
  return wanted;
}

WeightType ffn_down_type(const ImportType& type, int layer, const MixtureFacts& facts) {
  if (type.is_medium && deserves_more_bits(layer, facts.layers)) return WeightType::kQ6K;
  if (type.base == WeightType::kIq4Nl && layer < facts.layers / 8) return WeightType::kQ5K;
  return type.base;
}

WeightType output_type(const ImportType& type, std::int64_t row_length) {
  if (!holds(type.base, row_length)) return WeightType::kQ80;
  return type.base == WeightType::kQ80 ? WeightType::kQ80 : WeightType::kQ6K;
}

}  // namespace

Result<ImportType> parse_import_type(std::string_view name) {
  std::string names;
  for (const Known& known : kKnown) {
    if (name == known.name) return ImportType{known.name, known.base, known.file_type, known.is_medium};
    names += (names.empty() ? "" : ", ") + std::string(known.name);
  }
  return Error{ErrorCode::kUsage, "'" + std::string(name) + "' is no type to import to; there are " + names};
}

std::vector<std::string> import_type_names() {
  std::vector<std::string> names;
  for (const Known& known : kKnown) names.emplace_back(known.name);
  return names;
}

StoredType language_type(const ImportType& type, const WantedTensor& tensor, const MixtureFacts& facts) {
  if (!tensor.is_matrix) return {WeightType::kF32, false};
  if (!is_quantised(type.base)) return {type.base, false};
  const std::int64_t row_length = tensor.shape[0];
  WeightType wanted = type.base;
  switch (tensor.role) {
    case TensorRole::kOutput:
      wanted = output_type(type, row_length);
      break;
    case TensorRole::kTokenEmbedding:
      if (facts.is_tied) wanted = output_type(type, row_length);
      break;
    case TensorRole::kAttentionValue:
      wanted = attention_value_type(type, tensor.layer, facts);
      break;
    case TensorRole::kFfnDown:
      wanted = ffn_down_type(type, tensor.layer, facts);
      break;
    case TensorRole::kOther:
      break;
  }
  StoredType stored = with_fallback(wanted, row_length);
  // The output's own rule has already given way when the base type does not fit.
  if (!holds(type.base, row_length)) stored.is_fallback = true;
  return stored;
}

StoredType plain_type(const ImportType& type, const WantedTensor& tensor) {
  if (!tensor.is_matrix) return {WeightType::kF32, false};
  if (!is_quantised(type.base)) return {type.base, false};
  return with_fallback(type.base, tensor.shape[0]);
}

}  // namespace cinescribe::models
