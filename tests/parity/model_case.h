#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "parity/parity_cases.h"
#include "support/scratch_folder.h"
#include <nlohmann/json.hpp>

#include "cinescribe/models/checkpoint_import.h"
#include "cinescribe/tensor/model_card.h"

namespace cinescribe::parity {

/// One case of a vision-language model: its description, and its checkpoint as a model folder in f32 (in a scratch
/// folder that lives as long as this).
class ModelCase {
 public:
  explicit ModelCase(std::filesystem::path folder)
      : source_(std::move(folder)),
        description_(nlohmann::json::parse(read_text(source_ / "case.json"), nullptr, false)),
        folder_(scratch_ / "model") {}

  /// Imports the checkpoint and reads the card.
  Status import() {
    models::ImportOptions options;
    options.type = "f32";
    options.threads = 2;
    CINESCRIBE_TRY(models::import_checkpoint(source_ / "model", folder_, options).status());
    CINESCRIBE_ASSIGN(card_, tensor::read_model_card(folder_));
    return {};
  }

  [[nodiscard]] const nlohmann::json& description() const { return description_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] const tensor::ModelCard& card() const { return card_; }

 private:
  test::ScratchFolder scratch_;
  std::filesystem::path source_;
  nlohmann::json description_;
  std::filesystem::path folder_;
  tensor::ModelCard card_;
};

}  // namespace cinescribe::parity
