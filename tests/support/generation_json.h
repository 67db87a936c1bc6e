#pragma once

#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

#include "cinescribe/language/generation.h"

namespace cinescribe::language {

/// Generation settings with Hugging Face's names, as the reference results store them. Throws on an unknown name, so
/// that no setting of a case is silently left out.
inline GenerationOptions generation_options_of(const nlohmann::json& settings) {
  GenerationOptions options;
  for (const auto& [name, value] : settings.items()) {
    if (name == "max_new_tokens") {
      options.max_new_tokens = value.get<int>();
    } else if (name == "max_length") {
      options.max_length = value.get<int>();
    } else if (name == "min_new_tokens") {
      options.min_new_tokens = value.get<int>();
    } else if (name == "min_length") {
      options.min_length = value.get<int>();
    } else if (name == "num_beams") {
      options.num_beams = value.get<int>();
    } else if (name == "num_return_sequences") {
      options.num_return_sequences = value.get<int>();
    } else if (name == "length_penalty") {
      options.length_penalty = value.get<double>();
    } else if (name == "repetition_penalty") {
      options.repetition_penalty = value.get<double>();
    } else if (name == "no_repeat_ngram_size") {
      options.no_repeat_ngram_size = value.get<int>();
    } else if (name == "early_stopping") {
      if (value.is_string() && value != "never") throw std::runtime_error("early_stopping " + value.dump());
      options.early_stopping = value.is_string()   ? EarlyStopping::kNever
                               : value.get<bool>() ? EarlyStopping::kYes
                                                   : EarlyStopping::kNo;
    } else if (name == "eos_token_id" || name == "eos_token_ids") {
      if (value.is_array()) options.eos_ids = value.get<std::vector<TokenId>>();
      if (value.is_number()) options.eos_ids = {value.get<TokenId>()};
    } else if (name == "pad_token_id") {
      if (!value.is_null()) options.pad_id = value.get<TokenId>();
    } else if (name == "temperature") {
      options.temperature = value.get<double>();
    } else if (name == "top_p") {
      options.top_p = value.get<double>();
    } else if (name == "top_k") {
      options.top_k = value.get<int>();
    } else if (name == "do_sample") {
      if (value.get<bool>()) throw std::runtime_error("a reference result cannot sample");
    } else if (name != "stopped_by") {
      throw std::runtime_error("unknown generation setting " + name);
    }
  }
  return options;
}

}  // namespace cinescribe::language
