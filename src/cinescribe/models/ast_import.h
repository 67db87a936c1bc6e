#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/tensor/weight_type.h"

namespace cinescribe::models {

/// What an import did: tensors written, and those whose rows the wanted type cannot hold (stored as f16 instead).
struct ImportSummary {
  int tensors = 0;
  std::vector<std::string> fallbacks;
};

/// True for a folder with the config.json of an Audio Spectrogram Transformer.
bool looks_like_ast(const std::filesystem::path& folder);

/// Converts a Hugging Face AST folder (config.json, preprocessor_config.json, safetensors) to one GGUF file that
/// `sounds::AstTagger` loads. `type`: kF32, kF16 or kQ80 for the matrices; the rest stays f32.
/// Errors: kModel (what is missing or contradicts itself), kResource (disk).
/// @source transformers ASTForAudioClassification and ASTFeatureExtractor.
Result<ImportSummary> import_ast(const std::filesystem::path& folder, const std::filesystem::path& out,
                                 tensor::WeightType type);

/// `folder` itself when it is a GGUF file, else its import in the cache, made when it is not there yet (named after the
/// contents of config and weights, and the type). Errors as above.
Result<std::filesystem::path> prepare_ast(const std::filesystem::path& folder, tensor::WeightType type);

}  // namespace cinescribe::models
