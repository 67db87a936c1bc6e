#pragma once

#include <filesystem>

#include <nlohmann/json.hpp>

#include "cinescribe/core/status.h"
#include "cinescribe/tensor/model_card.h"

namespace cinescribe::models {

/// The JSON files of a Hugging Face folder; those that are not there are empty objects.
struct CheckpointFiles {
  std::filesystem::path folder;
  nlohmann::json config;
  nlohmann::json preprocessor;
  nlohmann::json generation;
  nlohmann::json tokenizer_config;
  nlohmann::json chat_template;

  /// Errors: kModel (no config.json, or a file that is no JSON object).
  static Result<CheckpointFiles> read(const std::filesystem::path& folder);
  [[nodiscard]] std::string family() const;
};

/// Defaults of `generate` that `json` (a generation_config.json, or a text_config) sets.
Result<tensor::GenerationCard> read_generation_defaults(const nlohmann::json& json, const std::string& where);

/// One id or a list of ids under `key`; missing = empty. Errors: kModel.
Result<std::vector<int>> read_ids(const nlohmann::json& json, const char* key, const std::string& where);

}  // namespace cinescribe::models
