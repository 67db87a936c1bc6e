#include <algorithm>

#include "cinescribe/models/import_plan.h"
#include "cinescribe/models/tower_plan.h"

namespace cinescribe::models {

namespace {

using nlohmann::json;
using tensor::JsonFields;
using tensor::QformerCard;

constexpr int kWidest = 1 << 17;

Result<QformerCard> read_qformer(const JsonFields& f, const JsonFields& config) {
  QformerCard q;
  CINESCRIBE_ASSIGN(q.width, f.small_integer("hidden_size", 1, kWidest, 768));
  CINESCRIBE_ASSIGN(q.heads, f.small_integer("num_attention_heads", 1, 4096, 12));
  CINESCRIBE_ASSIGN(q.layers, f.small_integer("num_hidden_layers", 1, 512, 12));
  CINESCRIBE_ASSIGN(q.ffn_width, f.small_integer("intermediate_size", 1, kWidest, 3072));
  CINESCRIBE_ASSIGN(q.cross_attention_frequency, f.small_integer("cross_attention_frequency", 1, 512, 2));
  CINESCRIBE_ASSIGN(q.vocabulary, f.small_integer("vocab_size", 1, 1 << 22, 30522));
  CINESCRIBE_ASSIGN(q.max_positions, f.small_integer("max_position_embeddings", 1, 1 << 20, 512));
  CINESCRIBE_ASSIGN(q.norm_eps, f.number("layer_norm_eps", 0.0, 1.0, 1e-12));
  CINESCRIBE_ASSIGN(q.activation, f.word("hidden_act", {"gelu", "quick_gelu"}, "gelu"));
  CINESCRIBE_ASSIGN(q.queries, config.small_integer("num_query_tokens", 1, 65536, 32));
  CINESCRIBE_TRY(f.word("position_embedding_type", {"absolute"}, "absolute"));
  if (q.width % q.heads != 0) return f.bad("num_attention_heads", "a divisor of " + std::to_string(q.width));
  return q;
}

void add_qformer_layer(const QformerCard& q, int layer, std::int64_t tower_width, std::vector<WantedTensor>& out) {
  const std::string to = "q.layer." + std::to_string(layer) + ".";
  const std::string from = "qformer.encoder.layer." + std::to_string(layer) + ".";
  const std::int64_t width = q.width;
  const std::int64_t ffn = q.ffn_width;
  add_linear(out, to + "query", from + "attention.attention.query", width, width);
  add_linear(out, to + "key", from + "attention.attention.key", width, width);
  add_linear(out, to + "value", from + "attention.attention.value", width, width);
  add_linear(out, to + "output", from + "attention.output.dense", width, width);
  add_norm(out, to + "attention_norm", from + "attention.output.LayerNorm", width);
  if (layer % q.cross_attention_frequency == 0) {
    add_linear(out, to + "cross.query", from + "crossattention.attention.query", width, width);
    add_linear(out, to + "cross.key", from + "crossattention.attention.key", tower_width, width);
    add_linear(out, to + "cross.value", from + "crossattention.attention.value", tower_width, width);
    add_linear(out, to + "cross.output", from + "crossattention.output.dense", width, width);
    add_norm(out, to + "cross_norm", from + "crossattention.output.LayerNorm", width);
  }
  add_linear(out, to + "up", from + "intermediate.dense", width, ffn);
  add_linear(out, to + "down", from + "output.dense", ffn, width);
  add_norm(out, to + "ffn_norm", from + "output.LayerNorm", width);
  add_linear(out, to + "query_up", from + "intermediate_query.dense", width, ffn);
  add_linear(out, to + "query_down", from + "output_query.dense", ffn, width);
  add_norm(out, to + "query_ffn_norm", from + "output_query.LayerNorm", width);
}

void add_qformer(const QformerCard& q, std::int64_t tower_width, std::vector<WantedTensor>& out) {
  add_plain(out, "q.queries", "query_tokens", {q.width, q.queries});
  add_plain(out, "q.word_embeddings", "qformer.embeddings.word_embeddings.weight", {q.width, q.vocabulary});
  add_plain(out, "q.positions", "qformer.embeddings.position_embeddings.weight", {q.width, q.max_positions});
  add_norm(out, "q.embed_norm", "qformer.embeddings.layernorm", q.width);
  for (int layer = 0; layer < q.layers; ++layer) add_qformer_layer(q, layer, tower_width, out);
}

/// The ids of this family are a mess: the start token is `</s>`, whatever the files say, and a caption ends at it or at
/// what text_config names; the repository's generation_config.json is not looked at by the reference.
Result<tensor::TokenCard> plan_tokens(const JsonFields& config, const JsonFields& text, const json& text_json,
                                      const VocabularyFacts& vocabulary, int rows) {
  tensor::TokenCard t;
  t.bos = std::min(2, rows - 1);
  CINESCRIBE_ASSIGN(auto ends, read_ids(text_json, "eos_token_id", text.where()));
  ends.insert(ends.begin(), 2);
  t.eos = ids_within(ends, rows);
  CINESCRIBE_ASSIGN(t.pad, text.small_integer("pad_token_id", -1, 1 << 22, -1));
  const char* key = config.has("image_token_id") ? "image_token_id" : "image_token_index";
  t.image = vocabulary.find("<image>");
  if (config.has(key)) {
    CINESCRIBE_ASSIGN(t.image, config.small_integer(key, 0, rows - 1));
  }
  if (t.image < 0 || t.image >= rows) {
    return config.bad("image_token_index",
                      "an id below " + std::to_string(rows) + " (nor does the tokenizer know the token <image>)");
  }
  t.hidden = ids_within({0, 1, 2, t.pad, vocabulary.find("[PAD]"), t.image}, rows);
  return t;
}

}  // namespace

Result<ImportPlan> plan_instructblip(const CheckpointFiles& files, const WeightSource& weights,
                                     const VocabularyFacts& vocabulary) {
  const JsonFields config(files.config, (files.folder / "config.json").string());
  CINESCRIBE_ASSIGN(const JsonFields text, config.object("text_config"));
  CINESCRIBE_ASSIGN(const JsonFields vision, config.object("vision_config"));
  CINESCRIBE_ASSIGN(const JsonFields qformer, config.object("qformer_config"));
  CINESCRIBE_TRY(text.word("model_type", {"llama"}));
  ImportPlan plan;
  CINESCRIBE_ASSIGN(plan.language, plan_llama(text, "language_model.", weights, true));
  auto& tower = plan.card.tower;
  CINESCRIBE_ASSIGN(tower, read_tower(vision, kEvaDefaults));
  CINESCRIBE_ASSIGN(const bool has_qkv_bias, vision.flag("qkv_bias", true));
  tower.has_patch_bias = true;
  tower.has_post_norm = true;
  tower.feature_layers = {tower.layers};
  CINESCRIBE_ASSIGN(plan.card.qformer, read_qformer(qformer, config));

  add_eva_tower(tower, has_qkv_bias, plan.vision);
  add_qformer(*plan.card.qformer, tower.width, plan.vision);
  add_linear(plan.vision, "mm.0", "language_projection", plan.card.qformer->width, plan.language.card.width);

  auto& card = plan.card;
  card.family = "instructblip";
  card.prompt_template = "plain";
  card.language = plan.language.card;
  const JsonFields preprocessor(files.preprocessor, (files.folder / "preprocessor_config.json").string());
  CINESCRIBE_ASSIGN(card.pixels, read_pixels(preprocessor, true));
  CINESCRIBE_ASSIGN(const JsonFields size, preprocessor.object("size"));
  for (const char* side : {"height", "width"}) {
    CINESCRIBE_ASSIGN(const int pixels, size.small_integer(side, 1, 16384, tower.image_size_px));
    if (pixels != tower.image_size_px) {
      return size.bad(side, std::to_string(tower.image_size_px) + " as the vision tower's image_size");
    }
  }
  const json empty = json::object();
  const json& text_json = config.has("text_config") ? files.config["text_config"] : empty;
  CINESCRIBE_ASSIGN(card.tokens, plan_tokens(config, text, text_json, vocabulary, card.language.vocabulary));
  CINESCRIBE_ASSIGN(card.generation, read_generation_defaults(text_json, text.where()));
  return plan;
}

}  // namespace cinescribe::models
