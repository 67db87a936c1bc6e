// Configurations of checkpoints, separated by zero bytes: config, preprocessor_config, generation_config. Any bytes
// give a plan whose card can be read again, or an error.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "cinescribe/models/checkpoint_files.h"
#include "cinescribe/models/import_plan.h"
#include "cinescribe/models/random_weights.h"
#include "cinescribe/tensor/model_card.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cinescribe;
  std::array<std::string, 3> texts;
  std::size_t part = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (data[i] == 0 && part + 1 < texts.size()) {
      ++part;
    } else {
      texts[part] += static_cast<char>(data[i]);
    }
  }
  models::CheckpointFiles files;
  const std::array<nlohmann::json*, 3> targets = {&files.config, &files.preprocessor, &files.generation};
  for (std::size_t i = 0; i < targets.size(); ++i) {
    *targets[i] = nlohmann::json::parse(texts[i], nullptr, false);
    if (!targets[i]->is_object()) *targets[i] = nlohmann::json::object();
  }
  files.tokenizer_config = nlohmann::json::object();
  files.chat_template = nlohmann::json::object();
  const models::RandomWeights weights;
  const models::VocabularyFacts facts{32000, [](std::string_view) { return -1; }};
  auto plan = models::plan_import(files, weights, facts);
  if (!plan.ok()) return 0;
  plan->card.type = "f16";
  plan->card.vision_type = "f16";
  const auto card = tensor::parse_model_card(tensor::model_card_json(plan->card));
  if (!card.ok()) std::abort();
  for (const auto* list : {&plan->language.tensors, &plan->vision}) {
    for (const models::WantedTensor& tensor : *list) {
      if (tensor.name.size() > 63 || tensor.shape.empty()) std::abort();
      for (const std::int64_t extent : tensor.shape) {
        if (extent <= 0) std::abort();
      }
    }
  }
  return 0;
}
