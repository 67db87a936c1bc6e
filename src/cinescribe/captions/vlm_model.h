#pragma once

#include <filesystem>
#include <memory>

#include "cinescribe/captions/vision_encoder.h"
#include "cinescribe/captions/vlm_options.h"
#include "cinescribe/core/status.h"
#include "cinescribe/language/generator.h"
#include "cinescribe/language/language_model.h"
#include "cinescribe/tensor/model_card.h"
#include "cinescribe/text/tokenizer.h"

namespace cinescribe::captions {

/// The loaded parts of a model folder.
struct VlmModel {
  tensor::ModelCard card;
  std::unique_ptr<text::Tokenizer> tokenizer;
  std::unique_ptr<VisionEncoder> vision;
  std::shared_ptr<const language::LanguageModel> language;

  /// Errors: kModel, kResource.
  static Result<VlmModel> load(const std::filesystem::path& folder, const VlmOptions& options);

  /// A generator for `scenes` scenes at once with `rows` beams or draws each. Errors: kModel, kResource, kUsage.
  [[nodiscard]] Result<std::unique_ptr<language::Generator>> make_generator(int scenes, int rows,
                                                                            const VlmOptions& options) const;
};

}  // namespace cinescribe::captions
