#pragma once

#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/models/wanted_tensor.h"
#include "cinescribe/models/weight_source.h"
#include "cinescribe/tensor/json_fields.h"
#include "cinescribe/tensor/model_card.h"

namespace cinescribe::models {

/// A language model as its configuration describes it: what goes into language.gguf.
struct LanguagePlan {
  tensor::LanguageCard card;
  double rms_eps = 1e-6;
  double rope_theta = 10000.0;
  double linear_rope_factor = 1.0;  ///< Positions are divided by it.
  double attention_factor = 1.0;    ///< Phi: gain of cos and sin.
  bool is_tied = false;             ///< The embedding is the output, too.
  std::vector<WantedTensor> tensors;
};

/// Plans LLaMA and Mistral. `text` is the text_config (what it lacks is the class's default), `prefix` comes before
/// `embed_tokens` and `layers` in canonical names. `has_rows_of_file`: the rows of the embedding count, not vocab_size.
/// Errors: kModel (unknown kind of model, numbers out of range or contradicting each other).
/// @source transformers 4.57 LlamaConfig, MistralConfig; llama.cpp's tensor names of the architecture `llama`.
Result<LanguagePlan> plan_llama(const tensor::JsonFields& text, const std::string& prefix, const WeightSource& weights,
                                bool has_rows_of_file);

/// Plans the language half of Phi-3-vision and Phi-3.5-vision from the whole configuration. Errors as above.
/// @source Phi-3.5-vision's configuration and modelling files; llama.cpp's architecture `phi3`.
Result<LanguagePlan> plan_phi3(const tensor::JsonFields& config, const WeightSource& weights);

}  // namespace cinescribe::models
