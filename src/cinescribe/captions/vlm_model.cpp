#include "cinescribe/captions/vlm_model.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

namespace cinescribe::captions {

namespace {

/// llama.cpp's limit, less what the generator keeps for itself.
constexpr int kMostSequences = 255;

}  // namespace

Result<VlmModel> VlmModel::load(const std::filesystem::path& folder, const VlmOptions& options) {
  VlmModel model;
  CINESCRIBE_ASSIGN(model.card, tensor::read_model_card(folder));
  CINESCRIBE_ASSIGN(model.tokenizer, text::Tokenizer::load(folder / "tokenizer"));
  VisionOptions vision;
  vision.device = options.device;
  vision.threads = options.threads;
  vision.is_low_detail = options.is_low_detail;
  vision.num_crops = options.num_crops;
  vision.is_fused_attention = !options.is_plain_vision && options.flash_attention != language::FlashAttention::kOff;
  CINESCRIBE_ASSIGN(model.vision, VisionEncoder::load(folder, model.card, vision));
  language::LanguageModelOptions language;
  language.device = options.device;
  language.threads = options.threads;
  language.gpu_layers = options.gpu_layers;
  CINESCRIBE_ASSIGN(model.language, language::LanguageModel::load(folder / "language.gguf", language));
  if (model.language->width() != model.card.language.width) {
    return Error{ErrorCode::kModel, "the files of the model " + folder.string() +
                                        " do not belong together: language.gguf has rows of " +
                                        std::to_string(model.language->width()) + ", model.json says " +
                                        std::to_string(model.card.language.width) + "; import it again"};
  }
  return model;
}

Result<std::unique_ptr<language::Generator>> VlmModel::make_generator(int scenes, int rows,
                                                                      const VlmOptions& options) const {
  language::GeneratorOptions generator;
  generator.max_sequences = std::clamp(scenes * std::max(1, rows), 1, std::max(kMostSequences, rows));
  generator.kv_type = options.kv_type;
  generator.flash_attention = options.flash_attention;
  generator.has_kv_cache = options.has_kv_cache;
  const text::Tokenizer* const words = tokenizer.get();
  generator.detokenize = [words](std::span<const text::TokenId> ids) { return words->decode(ids, true); };
  return language::Generator::create(language, generator);
}

}  // namespace cinescribe::captions
