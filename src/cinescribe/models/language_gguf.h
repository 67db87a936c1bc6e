#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/models/import_type.h"
#include "cinescribe/models/language_plan.h"
#include "cinescribe/tensor/gguf_writer.h"
#include "cinescribe/tensor/model_card.h"
#include "cinescribe/text/tokenizer.h"

namespace cinescribe::models {

/// A vocabulary in the columns of a GGUF file, one entry per row of the embedding.
struct GgufVocabulary {
  std::vector<std::string> texts;
  std::vector<float> scores;
  std::vector<std::int32_t> kinds;  ///< text::TokenKind.
  int unknown = -1;                 ///< Id of the unknown token.
};

/// Pads a tokenizer's vocabulary to `rows` with distinct unused tokens; the image token is marked as control. llama.cpp
/// aborts on two equal texts, so they are refused here. Errors: kModel (more tokens than rows, equal or unusable
/// texts).
Result<GgufVocabulary> gguf_vocabulary(const std::vector<text::Token>& tokens, int rows, int image_token);

/// Metadata with which stock llama.cpp runs the model. @source llama.cpp's gguf keys for `llama` and `phi3`.
void write_language_metadata(const LanguagePlan& plan, const tensor::ModelCard& card, const GgufVocabulary& vocabulary,
                             const ImportType& type, tensor::GgufWriter& writer);

/// A model's name for `general.name`: without "phi-3" and "phi3", at which llama.cpp changes how it reads special
/// tokens.
std::string gguf_name(const std::string& name);

}  // namespace cinescribe::models
