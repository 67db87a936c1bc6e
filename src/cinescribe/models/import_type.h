#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/models/wanted_tensor.h"
#include "cinescribe/tensor/weight_type.h"

namespace cinescribe::models {

/// A choice of types for the matrices of a model: one type, or a mixture around it.
struct ImportType {
  std::string name;  ///< As users spell it: "q4_k_m".
  tensor::WeightType base = tensor::WeightType::kF16;
  std::uint32_t file_type = 1;  ///< `general.file_type` of GGUF.
  /// q4_k_m, q5_k_m: more bits where they help most.
  bool is_medium = false;
};

/// f32, f16, bf16, q8_0, q6_k, q5_k_m, q4_k_m, iq4_nl. Error: kUsage, naming them.
Result<ImportType> parse_import_type(std::string_view name);

/// The names that `parse_import_type` takes.
std::vector<std::string> import_type_names();

/// What the rules of a mixture look at.
struct MixtureFacts {
  int layers = 0;
  int heads = 0;
  int kv_heads = 0;
  bool is_tied = false;  ///< The token embedding is the output, too.
};

/// A type, and whether it is another one than the mixture wants because the row length does not fit its blocks.
struct StoredType {
  tensor::WeightType type = tensor::WeightType::kF32;
  bool is_fallback = false;
};

/// The type of a matrix of a language model. @source llama.cpp's llama-quantize, its rules for these file types.
StoredType language_type(const ImportType& type, const WantedTensor& tensor, const MixtureFacts& facts);

/// The type of a matrix elsewhere: the base type, or what its rows can hold.
StoredType plain_type(const ImportType& type, const WantedTensor& tensor);

}  // namespace cinescribe::models
