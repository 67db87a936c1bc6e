#include <nlohmann/json.hpp>

#include "cinescribe/tensor/model_card.h"

namespace cinescribe::tensor {

namespace {

using Json = nlohmann::ordered_json;

template <typename T>
void put(Json& json, const char* key, const std::optional<T>& value) {
  if (value) json[key] = *value;
}

Json tower_json(const TowerCard& t) {
  return {{"image_size_px", t.image_size_px},
          {"patch_size_px", t.patch_size_px},
          {"width", t.width},
          {"heads", t.heads},
          {"head_dim", t.head_dim},
          {"ffn_width", t.ffn_width},
          {"layers", t.layers},
          {"norm_eps", t.norm_eps},
          {"activation", t.activation},
          {"has_patch_bias", t.has_patch_bias},
          {"has_pre_norm", t.has_pre_norm},
          {"has_post_norm", t.has_post_norm},
          {"feature_layers", t.feature_layers},
          {"drops_class_token", t.drops_class_token}};
}

Json qformer_json(const QformerCard& q) {
  return {{"width", q.width},           {"heads", q.heads},
          {"layers", q.layers},         {"ffn_width", q.ffn_width},
          {"queries", q.queries},       {"cross_attention_frequency", q.cross_attention_frequency},
          {"vocabulary", q.vocabulary}, {"max_positions", q.max_positions},
          {"norm_eps", q.norm_eps},     {"activation", q.activation}};
}

Json pixels_json(const PixelCard& p) {
  Json json = {
      {"mean", p.mean}, {"std", p.std}, {"rescale_factor", p.rescale_factor}, {"resize_order", p.resize_order}};
  if (!p.pinpoints_hw.empty()) json["pinpoints_hw"] = p.pinpoints_hw;
  if (p.num_crops > 0) json["num_crops"] = p.num_crops;
  if (!p.hd_order.empty()) json["hd_order"] = p.hd_order;
  return json;
}

Json language_json(const LanguageCard& l) {
  Json json = {{"architecture", l.architecture},
               {"vocabulary", l.vocabulary},
               {"width", l.width},
               {"layers", l.layers},
               {"heads", l.heads},
               {"kv_heads", l.kv_heads},
               {"head_dim", l.head_dim},
               {"ffn_width", l.ffn_width},
               {"context", l.context}};
  put(json, "window", l.window);
  if (l.original_context > 0) json["original_context"] = l.original_context;
  return json;
}

Json tokens_json(const TokenCard& t) {
  return {{"bos", t.bos}, {"eos", t.eos}, {"pad", t.pad}, {"image", t.image}, {"hidden", t.hidden}};
}

Json generation_json(const GenerationCard& g) {
  Json json = Json::object();
  put(json, "do_sample", g.do_sample);
  put(json, "temperature", g.temperature);
  put(json, "top_p", g.top_p);
  put(json, "top_k", g.top_k);
  put(json, "num_beams", g.num_beams);
  put(json, "max_length", g.max_length);
  put(json, "max_new_tokens", g.max_new_tokens);
  put(json, "min_length", g.min_length);
  put(json, "no_repeat_ngram_size", g.no_repeat_ngram_size);
  put(json, "repetition_penalty", g.repetition_penalty);
  put(json, "length_penalty", g.length_penalty);
  return json;
}

}  // namespace

std::string model_card_json(const ModelCard& card) {
  Json json = {{"schema_version", 1},
               {"family", card.family},
               {"name", card.name},
               {"source", card.source},
               {"licence", card.licence},
               {"is_synthetic", card.is_synthetic},
               {"type", card.type},
               {"vision_type", card.vision_type},
               {"prompt_template", card.prompt_template},
               {"tower", tower_json(card.tower)}};
  if (card.qformer) json["qformer"] = qformer_json(*card.qformer);
  json["pixels"] = pixels_json(card.pixels);
  json["language"] = language_json(card.language);
  json["tokens"] = tokens_json(card.tokens);
  json["generation"] = generation_json(card.generation);
  json["sha256"] = card.sha256;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace cinescribe::tensor
