#include <algorithm>

#include "cinescribe/models/import_plan.h"
#include "cinescribe/models/tower_plan.h"

namespace cinescribe::models {

namespace {

using tensor::JsonFields;

/// The variants of the picture embedding that no published checkpoint uses are refused, not guessed.
Status check_embedding(const JsonFields& config) {
  CINESCRIBE_ASSIGN(const JsonFields layer, config.object("embd_layer"));
  CINESCRIBE_TRY(layer.word("embedding_cls", {"image"}, "image"));
  CINESCRIBE_TRY(layer.word("projection_cls", {"mlp"}, "mlp"));
  for (const char* key : {"use_hd_transform", "with_learnable_separator"}) {
    CINESCRIBE_ASSIGN(const bool is_on, layer.flag(key, false));
    if (!is_on) return layer.bad(key, "true: other embeddings of pictures are not supported");
  }
  return {};
}

Result<tensor::TowerCard> plan_tower(const JsonFields& config) {
  CINESCRIBE_ASSIGN(const JsonFields processor, config.object("img_processor"));
  CINESCRIBE_TRY(processor.word("name", {"clip_vision_model"}, "clip_vision_model"));
  CINESCRIBE_TRY(processor.word("type_feature", {"patch"}, "patch"));
  CINESCRIBE_ASSIGN(const JsonFields vision, processor.object("vision_config"));
  CINESCRIBE_ASSIGN(tensor::TowerCard tower, read_tower(vision, kClipLarge));
  tower.has_pre_norm = true;
  tower.drops_class_token = true;
  CINESCRIBE_ASSIGN(const int layer, processor.small_integer("layer_idx", -1000, 1000, -2));
  CINESCRIBE_TRY(use_layers(processor, "layer_idx", {layer}, tower));
  CINESCRIBE_TRY(processor.small_integer("image_dim_out", tower.width, tower.width, tower.width));
  const int side = tower.image_size_px / tower.patch_size_px;
  if (tower.image_size_px != 336 || side != 24) {
    return vision.bad("image_size", "336 with 24 patches a side: the HD transform knows no other");
  }
  return tower;
}

/// What the generation configuration says, and the ends that the tokenizer knows by name.
Result<tensor::TokenCard> plan_tokens(const CheckpointFiles& files, const JsonFields& config,
                                      const VocabularyFacts& vocabulary, int rows) {
  tensor::TokenCard t;
  const std::string where = (files.folder / "generation_config.json").string();
  CINESCRIBE_ASSIGN(auto ends, read_ids(files.generation, "eos_token_id", where));
  if (ends.empty()) {
    CINESCRIBE_ASSIGN(ends, read_ids(files.config, "eos_token_id", config.where()));
  }
  for (const char* name : {"<|end|>", "<|endoftext|>", "<|assistant|>"}) ends.push_back(vocabulary.find(name));
  t.eos = ids_within(ends, rows);
  CINESCRIBE_ASSIGN(t.bos, config.small_integer("bos_token_id", -1, rows - 1, std::min(1, rows - 1)));
  CINESCRIBE_ASSIGN(t.pad, config.small_integer("pad_token_id", -1, 1 << 22, -1));
  return t;
}

}  // namespace

Result<ImportPlan> plan_phi3_v(const CheckpointFiles& files, const WeightSource& weights,
                               const VocabularyFacts& vocabulary) {
  const JsonFields config(files.config, (files.folder / "config.json").string());
  CINESCRIBE_TRY(check_embedding(config));
  ImportPlan plan;
  CINESCRIBE_ASSIGN(plan.language, plan_phi3(config, weights));
  CINESCRIBE_ASSIGN(plan.card.tower, plan_tower(config));

  const std::string root = "vision_embed_tokens.";
  const std::int64_t merged = 4 * std::int64_t{plan.card.tower.width};  // 2 × 2 patches side by side
  const std::int64_t width = plan.language.card.width;
  add_clip_tower(plan.card.tower, root + "img_processor.vision_model.", plan.vision);
  add_linear(plan.vision, "mm.0", root + "img_projection.0", merged, width);
  add_linear(plan.vision, "mm.2", root + "img_projection.2", width, width);
  add_plain(plan.vision, "mm.sub_newline", root + "sub_GN", {merged});
  add_plain(plan.vision, "mm.global_separator", root + "glb_GN", {merged});

  auto& card = plan.card;
  card.family = "phi3_v";
  card.prompt_template = "phi3";
  card.language = plan.language.card;
  const JsonFields preprocessor(files.preprocessor, (files.folder / "preprocessor_config.json").string());
  // The HD transform resizes bilinearly whatever the file says.
  CINESCRIBE_ASSIGN(card.pixels, read_pixels(preprocessor, false));
  CINESCRIBE_ASSIGN(card.pixels.num_crops, preprocessor.small_integer("num_crops", 1, 1024, 1));
  CINESCRIBE_ASSIGN(const JsonFields layer, config.object("embd_layer"));
  CINESCRIBE_ASSIGN(card.pixels.hd_order, layer.word("hd_transform_order", {"sub_glb", "glb_sub"}, "glb_sub"));
  CINESCRIBE_ASSIGN(card.tokens, plan_tokens(files, config, vocabulary, card.language.vocabulary));
  CINESCRIBE_ASSIGN(card.generation,
                    read_generation_defaults(files.generation, (files.folder / "generation_config.json").string()));
  return plan;
}

}  // namespace cinescribe::models
