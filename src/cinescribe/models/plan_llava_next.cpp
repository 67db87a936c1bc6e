#include <algorithm>

#include "cinescribe/models/import_plan.h"
#include "cinescribe/models/tower_plan.h"

namespace cinescribe::models {

namespace {

using nlohmann::json;
using tensor::JsonFields;

using Pinpoints = std::vector<std::array<int, 2>>;

Result<Pinpoints> read_pinpoints(const JsonFields& f, const Pinpoints& fallback) {
  const json* value = f.find("image_grid_pinpoints");
  if (value == nullptr) return fallback;
  const std::string expected = "a list of pairs of height and width";
  if (!value->is_array() || value->empty() || value->size() > 1024) return f.bad("image_grid_pinpoints", expected);
  Pinpoints points;
  for (const json& item : *value) {
    std::array<int, 2> pair{};
    if (!item.is_array() || item.size() != 2) return f.bad("image_grid_pinpoints", expected);
    for (std::size_t i = 0; i < 2; ++i) {
      const std::int64_t side = item[i].is_number_integer() ? item[i].get<std::int64_t>() : 0;
      if (side < 1 || side > 65536) return f.bad("image_grid_pinpoints", expected);
      pair[i] = static_cast<int>(side);
    }
    points.push_back(pair);
  }
  return points;
}

Result<std::vector<int>> read_feature_layers(const JsonFields& config) {
  const json* value = config.find("vision_feature_layer");
  if (value == nullptr) return std::vector<int>{-2};
  const json list = value->is_array() ? *value : json::array({*value});
  std::vector<int> layers;
  for (const json& item : list) {
    const bool is_fit =
        item.is_number_integer() && item.get<std::int64_t>() >= -1000 && item.get<std::int64_t>() <= 1000;
    if (!is_fit) return config.bad("vision_feature_layer", "an index of a layer, or a list of them");
    layers.push_back(item.get<int>());
  }
  if (layers.empty() || layers.size() > 64) return config.bad("vision_feature_layer", "1 to 64 layers");
  return layers;
}

/// The tiles are as large as the tower's pictures; a processor that makes others does not belong to this model.
Status check_tiles(const JsonFields& preprocessor, const tensor::TowerCard& tower) {
  for (const char* key : {"size", "crop_size"}) {
    const json* value = preprocessor.find(key);
    if (value == nullptr) continue;
    const json sides = value->is_object() ? *value : json{{"shortest_edge", *value}};
    for (const auto& [name, side] : sides.items()) {
      if (!side.is_number_integer() || side.get<std::int64_t>() != tower.image_size_px) {
        return preprocessor.bad(key, std::to_string(tower.image_size_px) + " as the vision tower's image_size");
      }
    }
  }
  return {};
}

Result<tensor::PixelCard> plan_pixels(const CheckpointFiles& files, const JsonFields& config,
                                      const tensor::TowerCard& tower) {
  const JsonFields preprocessor(files.preprocessor, (files.folder / "preprocessor_config.json").string());
  CINESCRIBE_ASSIGN(tensor::PixelCard pixels, read_pixels(preprocessor, true));
  CINESCRIBE_TRY(check_tiles(preprocessor, tower));
  const Pinpoints defaults = {{336, 672}, {672, 336}, {672, 672}, {1008, 336}, {336, 1008}};
  CINESCRIBE_ASSIGN(const Pinpoints packing, read_pinpoints(config, defaults));
  CINESCRIBE_ASSIGN(pixels.pinpoints_hw, read_pinpoints(preprocessor, packing));
  if (pixels.pinpoints_hw != packing) {
    return Error{ErrorCode::kModel,
                 config.where() + ": 'image_grid_pinpoints' are others than in " + preprocessor.where()};
  }
  for (const auto& [height, width] : pixels.pinpoints_hw) {
    if (height % tower.image_size_px != 0 || width % tower.image_size_px != 0) {
      return config.bad("image_grid_pinpoints",
                        "multiples of the tower's image_size " + std::to_string(tower.image_size_px));
    }
  }
  return pixels;
}

/// The template that the checkpoint's own chat template resembles, else the one of its language model.
std::string prompt_template(const CheckpointFiles& files, const std::string& kind) {
  for (const json* file : {&files.chat_template, &files.tokenizer_config}) {
    const auto found = file->find("chat_template");
    if (found == file->end() || !found->is_string()) continue;
    if (found->get_ref<const std::string&>().find("[INST]") != std::string::npos) return "mistral";
    if (found->get_ref<const std::string&>().find("ASSISTANT") != std::string::npos) return "vicuna";
  }
  return kind == "mistral" ? "mistral" : "vicuna";
}

Result<tensor::TokenCard> plan_tokens(const CheckpointFiles& files, const JsonFields& config, const JsonFields& text,
                                      int vocabulary) {
  tensor::TokenCard t;
  const char* key = config.has("image_token_id") ? "image_token_id" : "image_token_index";
  CINESCRIBE_ASSIGN(t.image, config.small_integer(key, 0, vocabulary - 1, 32000));
  if (t.image >= vocabulary)
    return config.bad(key, "an id below " + std::to_string(vocabulary) + " (the embedding's rows)");
  const std::string where = (files.folder / "generation_config.json").string();
  CINESCRIBE_ASSIGN(auto ends, read_ids(files.generation, "eos_token_id", where));
  if (ends.empty() && text.has("eos_token_id")) {
    CINESCRIBE_ASSIGN(ends, read_ids(files.config["text_config"], "eos_token_id", text.where()));
  } else if (ends.empty() && !text.mentions("eos_token_id")) {
    ends = {2};  // the class's default
  }
  t.eos = ids_within(ends, vocabulary);
  const JsonFields generation(files.generation, where);
  CINESCRIBE_ASSIGN(t.bos, text.small_integer("bos_token_id", -1, vocabulary - 1, std::min(1, vocabulary - 1)));
  CINESCRIBE_ASSIGN(const int pad, config.small_integer("pad_token_id", -1, 1 << 22, -1));
  CINESCRIBE_ASSIGN(t.pad, generation.small_integer("pad_token_id", -1, 1 << 22, pad));
  t.hidden = {t.image};
  return t;
}

}  // namespace

Result<ImportPlan> plan_llava_next(const CheckpointFiles& files, const WeightSource& weights,
                                   const VocabularyFacts& /*vocabulary*/) {
  const JsonFields config(files.config, (files.folder / "config.json").string());
  CINESCRIBE_ASSIGN(const JsonFields text, config.object("text_config"));
  CINESCRIBE_ASSIGN(const JsonFields vision, config.object("vision_config"));
  ImportPlan plan;
  CINESCRIBE_TRY(config.word("projector_hidden_act", {"gelu"}, "gelu"));
  CINESCRIBE_ASSIGN(const std::string strategy,
                    config.word("vision_feature_select_strategy", {"default", "full"}, "default"));
  CINESCRIBE_TRY(vision.word("model_type", {"clip_vision_model"}, "clip_vision_model"));
  CINESCRIBE_ASSIGN(plan.language, plan_llama(text, "language_model.", weights, false));
  auto& tower = plan.card.tower;
  CINESCRIBE_ASSIGN(tower, read_tower(vision, config.has("vision_config") ? kClipDefaults : kClipLarge));
  tower.has_pre_norm = true;
  tower.drops_class_token = strategy == "default";
  CINESCRIBE_ASSIGN(const auto layers, read_feature_layers(config));
  CINESCRIBE_TRY(use_layers(config, "vision_feature_layer", layers, tower));
  CINESCRIBE_ASSIGN(const bool has_bias, config.flag("multimodal_projector_bias", true));

  add_clip_tower(tower, "vision_tower.", plan.vision);
  const std::int64_t features = static_cast<std::int64_t>(tower.feature_layers.size()) * tower.width;
  const std::int64_t width = plan.language.card.width;
  add_linear(plan.vision, "mm.0", "multi_modal_projector.linear_1", features, width, has_bias);
  add_linear(plan.vision, "mm.2", "multi_modal_projector.linear_2", width, width, has_bias);
  add_plain(plan.vision, "mm.newline", "image_newline", {width});

  auto& card = plan.card;
  card.family = "llava_next";
  card.language = plan.language.card;
  CINESCRIBE_ASSIGN(const std::string kind, text.text("model_type", "llama"));
  card.prompt_template = prompt_template(files, kind);
  CINESCRIBE_ASSIGN(card.pixels, plan_pixels(files, config, tower));
  CINESCRIBE_ASSIGN(card.tokens, plan_tokens(files, config, text, card.language.vocabulary));
  CINESCRIBE_ASSIGN(card.generation,
                    read_generation_defaults(files.generation, (files.folder / "generation_config.json").string()));
  return plan;
}

}  // namespace cinescribe::models
