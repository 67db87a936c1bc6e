#include "cinescribe/pipeline/chosen_captioner.h"

#include <cstdint>
#include <cstdlib>
#include <stop_token>
#include <string_view>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

#include "cinescribe/captions/generation_profile.h"
#include "cinescribe/captions/narrator.h"
#include "cinescribe/captions/vlm_captioner.h"
#include "cinescribe/core/file.h"
#include "cinescribe/models/model_folder.h"
#include "cinescribe/pipeline/media_identity.h"
#include "cinescribe/pipeline/outside_captioners.h"
#include "cinescribe/tensor/model_card.h"

namespace cinescribe::pipeline {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::uint64_t kLargestCard = std::uint64_t{16} << 20;

/// Keeps what was loaded; shared by the copies of a source.
struct Loaded {
  std::unique_ptr<captions::Captioner> captioner;
};

ChosenCaptioner narrator() {
  ChosenCaptioner chosen;
  const std::shared_ptr<captions::Captioner> captioner = captions::make_narrator();
  chosen.source.facts = captioner->facts();
  chosen.source.load = [captioner](const std::stop_token&) -> Result<captions::Captioner*> { return captioner.get(); };
  return chosen;
}

const char* kv_name(language::KvType type) {
  switch (type) {
    case language::KvType::kF32:
      return "f32";
    case language::KvType::kF16:
      return "f16";
    case language::KvType::kQ80:
      return "q8_0";
    case language::KvType::kAuto:
      break;
  }
  return "auto";
}

const char* flash_name(language::FlashAttention flash) {
  switch (flash) {
    case language::FlashAttention::kOn:
      return "on";
    case language::FlashAttention::kOff:
      return "off";
    case language::FlashAttention::kAuto:
      break;
  }
  return "auto";
}

/// What decides the captions; where and how fast they are made does not.
std::string model_settings(const tensor::ModelCard& card, const captions::VlmOptions& options) {
  Json settings = {{"detail", options.is_low_detail ? "low" : "high"},
                   {"on_overflow", captions::overflow_name(options.on_overflow)},
                   {"frame_by_frame", options.is_frame_by_frame},
                   {"kv_type", kv_name(options.kv_type)},
                   {"flash_attention", flash_name(options.flash_attention)}};
  if (card.family == "phi3_v") {
    settings["num_crops"] = options.is_low_detail   ? 1
                            : options.num_crops > 0 ? options.num_crops
                                                    : card.pixels.num_crops;
  }
  if (card.family == "instructblip") settings["panorama_order"] = options.is_panorama_reversed ? "reverse" : "forward";
  return settings.dump();
}

}  // namespace

Result<ChosenCaptioner> choose_captioner(const std::string& name, const captions::VlmOptions& options,
                                         bool may_be_synthetic) {
  if (name == "narrator") return narrator();
  if (auto outside = choose_outside_captioner(name, options)) return *std::move(outside);
  CINESCRIBE_ASSIGN(const fs::path folder, models::find_model_folder(name));
  if (!options.chat_template.empty()) {
    return Error{ErrorCode::kUsage, "--chat-template is for gguf: models; '" + name + "' brings its prompt template"};
  }
  CINESCRIBE_ASSIGN(const tensor::ModelCard card, tensor::read_model_card(folder));
  if (card.is_synthetic && !may_be_synthetic) {
    return Error{ErrorCode::kModel, "the model '" + name +
                                        "' has random weights, for measuring only: its captions mean nothing; add "
                                        "--allow-synthetic to use it all the same"};
  }
  CINESCRIBE_ASSIGN(const std::string card_text, read_file(folder / "model.json", kLargestCard));
  ChosenCaptioner chosen;
  std::error_code code;
  captions::CaptionerFacts& facts = chosen.source.facts;
  // Its owner chose the folder's name; that in model.json is the checkpoint's, the same for every type made of it.
  facts.name = models::folder_name(folder);
  facts.family = card.family;
  facts.type = card.type;
  facts.checksum = sha256_hex(card_text);  // model.json holds the checksums of the other files
  facts.is_synthetic = card.is_synthetic;
  chosen.source.settings_json = model_settings(card, options);
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    if (entry.path().extension() == ".gguf") chosen.model_bytes += entry.file_size(code);
  }
  chosen.reference = captions::reference_generation(card);
  chosen.scenes = captions::scene_generation(card);
  chosen.source.load = [folder, facts, options,
                        loaded = std::make_shared<Loaded>()](const std::stop_token&) -> Result<captions::Captioner*> {
    if (loaded->captioner == nullptr) {
      CINESCRIBE_ASSIGN(loaded->captioner, captions::load_vlm(folder, facts, options));
    }
    return loaded->captioner.get();
  };
  return chosen;
}

}  // namespace cinescribe::pipeline
