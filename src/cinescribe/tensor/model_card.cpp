#include "cinescribe/tensor/model_card.h"

#include <algorithm>
#include <limits>

#include "cinescribe/tensor/json_fields.h"

namespace cinescribe::tensor {

namespace {

using nlohmann::json;

constexpr int kWidest = 1 << 17;
constexpr int kMostLayers = 512;  // llama.cpp's own limit
constexpr int kMostTokens = 1 << 22;
constexpr std::int64_t kLongestContext = std::int64_t{1} << 30U;
constexpr std::size_t kLongestList = 1024;

Error bad_list(const JsonFields& fields, const char* key, const std::string& expected) {
  return fields.bad(key, "a list of " + expected);
}

/// A list of integers in [low, high]; missing = empty.
Result<std::vector<int>> integers(const JsonFields& fields, const char* key, int low, int high) {
  std::vector<int> list;
  const json* value = fields.find(key);
  if (value == nullptr) return list;
  const std::string expected = "integers from " + std::to_string(low) + " to " + std::to_string(high);
  if (!value->is_array() || value->size() > kLongestList) return bad_list(fields, key, expected);
  for (const json& item : *value) {
    const bool is_fit = item.is_number_integer() && item.get<std::int64_t>() >= low && item.get<std::int64_t>() <= high;
    if (!is_fit) return bad_list(fields, key, expected);
    list.push_back(item.get<int>());
  }
  return list;
}

Result<std::array<double, 3>> three_numbers(const JsonFields& fields, const char* key, double low, double high) {
  const json* value = fields.find(key);
  std::array<double, 3> out{};
  bool is_fit = value != nullptr && value->is_array() && value->size() == out.size();
  for (std::size_t i = 0; is_fit && i < out.size(); ++i) {
    const json& item = (*value)[i];
    is_fit = item.is_number() && item.get<double>() >= low && item.get<double>() <= high;
    if (is_fit) out[i] = item.get<double>();
  }
  if (!is_fit) return bad_list(fields, key, "three numbers");
  return out;
}

Result<TowerCard> read_tower(const JsonFields& f) {
  TowerCard t;
  CINESCRIBE_ASSIGN(t.image_size_px, f.small_integer("image_size_px", 1, 16384));
  CINESCRIBE_ASSIGN(t.patch_size_px, f.small_integer("patch_size_px", 1, t.image_size_px));
  CINESCRIBE_ASSIGN(t.width, f.small_integer("width", 1, kWidest));
  CINESCRIBE_ASSIGN(t.heads, f.small_integer("heads", 1, t.width));
  CINESCRIBE_ASSIGN(t.head_dim, f.small_integer("head_dim", 1, kWidest));
  CINESCRIBE_ASSIGN(t.ffn_width, f.small_integer("ffn_width", 1, kWidest));
  CINESCRIBE_ASSIGN(t.layers, f.small_integer("layers", 0, kMostLayers));
  CINESCRIBE_ASSIGN(t.norm_eps, f.number("norm_eps", 0.0, 1.0));
  CINESCRIBE_ASSIGN(t.activation, f.text("activation"));
  CINESCRIBE_ASSIGN(t.has_patch_bias, f.flag("has_patch_bias"));
  CINESCRIBE_ASSIGN(t.has_pre_norm, f.flag("has_pre_norm"));
  CINESCRIBE_ASSIGN(t.has_post_norm, f.flag("has_post_norm"));
  CINESCRIBE_ASSIGN(t.feature_layers, integers(f, "feature_layers", 0, t.layers));
  CINESCRIBE_ASSIGN(t.drops_class_token, f.flag("drops_class_token"));
  if (t.feature_layers.empty()) return f.bad("feature_layers", "at least one layer");
  const int grid = t.image_size_px / t.patch_size_px;
  if (grid > 1024) return f.bad("patch_size_px", "at most 1024 patches along a side");
  return t;
}

Result<QformerCard> read_qformer(const JsonFields& f) {
  QformerCard q;
  CINESCRIBE_ASSIGN(q.width, f.small_integer("width", 1, kWidest));
  CINESCRIBE_ASSIGN(q.heads, f.small_integer("heads", 1, q.width));
  CINESCRIBE_ASSIGN(q.layers, f.small_integer("layers", 1, kMostLayers));
  CINESCRIBE_ASSIGN(q.ffn_width, f.small_integer("ffn_width", 1, kWidest));
  CINESCRIBE_ASSIGN(q.queries, f.small_integer("queries", 1, 65536));
  CINESCRIBE_ASSIGN(q.cross_attention_frequency, f.small_integer("cross_attention_frequency", 1, kMostLayers));
  CINESCRIBE_ASSIGN(q.vocabulary, f.small_integer("vocabulary", 1, kMostTokens));
  CINESCRIBE_ASSIGN(q.max_positions, f.small_integer("max_positions", 1, 1 << 20));
  CINESCRIBE_ASSIGN(q.norm_eps, f.number("norm_eps", 0.0, 1.0));
  CINESCRIBE_ASSIGN(q.activation, f.text("activation"));
  if (q.width % q.heads != 0) return f.bad("heads", "a divisor of the width " + std::to_string(q.width));
  return q;
}

Result<PixelCard> read_pixels(const JsonFields& f) {
  PixelCard p;
  CINESCRIBE_ASSIGN(p.mean, three_numbers(f, "mean", -1e3, 1e3));
  CINESCRIBE_ASSIGN(p.std, three_numbers(f, "std", 1e-6, 1e3));
  CINESCRIBE_ASSIGN(p.rescale_factor, f.number("rescale_factor", 1e-9, 1e3));
  CINESCRIBE_ASSIGN(p.resize_order, f.word("resize_order", {"horizontal_first", "pillow13"}, "horizontal_first"));
  CINESCRIBE_ASSIGN(p.num_crops, f.small_integer("num_crops", 0, 1024, 0));
  CINESCRIBE_ASSIGN(p.hd_order, f.word("hd_order", {"", "sub_glb", "glb_sub"}, ""));
  const json* points = f.find("pinpoints_hw");
  if (points == nullptr) return p;
  if (!points->is_array() || points->size() > kLongestList) return bad_list(f, "pinpoints_hw", "pairs");
  for (const json& point : *points) {
    std::array<int, 2> pair{};
    bool is_fit = point.is_array() && point.size() == 2;
    for (std::size_t i = 0; is_fit && i < 2; ++i) {
      is_fit =
          point[i].is_number_integer() && point[i].get<std::int64_t>() > 0 && point[i].get<std::int64_t>() <= 65536;
      if (is_fit) pair[i] = point[i].get<int>();
    }
    if (!is_fit) return bad_list(f, "pinpoints_hw", "pairs of height and width");
    p.pinpoints_hw.push_back(pair);
  }
  return p;
}

Result<LanguageCard> read_language(const JsonFields& f) {
  LanguageCard l;
  CINESCRIBE_ASSIGN(l.architecture, f.word("architecture", {"llama", "phi3"}));
  CINESCRIBE_ASSIGN(l.vocabulary, f.small_integer("vocabulary", 1, kMostTokens));
  CINESCRIBE_ASSIGN(l.width, f.small_integer("width", 1, kWidest));
  CINESCRIBE_ASSIGN(l.layers, f.small_integer("layers", 1, kMostLayers));
  CINESCRIBE_ASSIGN(l.heads, f.small_integer("heads", 1, kWidest));
  CINESCRIBE_ASSIGN(l.kv_heads, f.small_integer("kv_heads", 1, l.heads));
  CINESCRIBE_ASSIGN(l.head_dim, f.small_integer("head_dim", 1, kWidest));
  CINESCRIBE_ASSIGN(l.ffn_width, f.small_integer("ffn_width", 1, kWidest));
  CINESCRIBE_ASSIGN(l.context, f.integer("context", 1, kLongestContext));
  CINESCRIBE_ASSIGN(l.original_context, f.integer("original_context", 0, kLongestContext, 0));
  if (f.has("window")) {
    CINESCRIBE_ASSIGN(l.window, f.integer("window", 1, kLongestContext));
  }
  if (l.heads % l.kv_heads != 0) return f.bad("kv_heads", "a divisor of " + std::to_string(l.heads) + " heads");
  return l;
}

Result<TokenCard> read_tokens(const JsonFields& f, int vocabulary) {
  TokenCard t;
  CINESCRIBE_ASSIGN(t.bos, f.small_integer("bos", -1, vocabulary - 1));
  CINESCRIBE_ASSIGN(t.eos, integers(f, "eos", 0, vocabulary - 1));
  CINESCRIBE_ASSIGN(t.pad, f.small_integer("pad", -1, kMostTokens));
  CINESCRIBE_ASSIGN(t.image, f.small_integer("image", -1, vocabulary - 1));
  CINESCRIBE_ASSIGN(t.hidden, integers(f, "hidden", 0, kMostTokens));
  return t;
}

template <typename T, typename Read>
Status read_optional(const JsonFields& fields, const char* key, std::optional<T>& out, const Read& read) {
  if (!fields.has(key)) return {};
  CINESCRIBE_ASSIGN(out, read());
  return {};
}

Result<GenerationCard> read_generation(const JsonFields& f) {
  GenerationCard g;
  constexpr int kMost = std::numeric_limits<int>::max();
  const auto whole = [&f](const char* key, std::optional<int>& out, int low) {
    return read_optional(f, key, out, [&] { return f.small_integer(key, low, kMost); });
  };
  const auto real = [&f](const char* key, std::optional<double>& out, double low) {
    return read_optional(f, key, out, [&] { return f.number(key, low, 1e6); });
  };
  CINESCRIBE_TRY(read_optional(f, "do_sample", g.do_sample, [&f] { return f.flag("do_sample"); }));
  CINESCRIBE_TRY(real("temperature", g.temperature, 0.0));
  CINESCRIBE_TRY(real("top_p", g.top_p, 0.0));
  CINESCRIBE_TRY(real("repetition_penalty", g.repetition_penalty, 0.0));
  CINESCRIBE_TRY(real("length_penalty", g.length_penalty, -1e6));
  CINESCRIBE_TRY(whole("top_k", g.top_k, 0));
  CINESCRIBE_TRY(whole("num_beams", g.num_beams, 1));
  CINESCRIBE_TRY(whole("max_length", g.max_length, 0));
  CINESCRIBE_TRY(whole("max_new_tokens", g.max_new_tokens, 0));
  CINESCRIBE_TRY(whole("min_length", g.min_length, 0));
  CINESCRIBE_TRY(whole("no_repeat_ngram_size", g.no_repeat_ngram_size, 0));
  return g;
}

Result<std::map<std::string, std::string>> read_checksums(const JsonFields& f) {
  std::map<std::string, std::string> sums;
  const json* value = f.find("sha256");
  if (value == nullptr) return sums;
  if (!value->is_object()) return f.bad("sha256", "an object");
  for (const auto& [name, sum] : value->items()) {
    if (!sum.is_string()) return f.bad("sha256", "texts");
    sums[name] = sum.get<std::string>();
  }
  return sums;
}

Status check_family(const ModelCard& card, const JsonFields& f) {
  if (card.family == "llava_next" && card.pixels.pinpoints_hw.empty()) {
    return Error{ErrorCode::kModel, f.where() + ", pixels: 'pinpoints_hw' is missing or empty"};
  }
  if (card.family == "phi3_v" && (card.pixels.num_crops < 1 || card.pixels.hd_order.empty())) {
    return Error{ErrorCode::kModel, f.where() + ", pixels: 'num_crops' or 'hd_order' is missing"};
  }
  if (card.family == "instructblip" && !card.qformer) return f.bad("qformer", "an object");
  return {};
}

Result<ModelCard> read_card(const json& object, const std::string& where) {
  const JsonFields f(object, where);
  ModelCard card;
  CINESCRIBE_TRY(f.small_integer("schema_version", 1, 1));
  CINESCRIBE_ASSIGN(card.family, f.word("family", {"llava_next", "phi3_v", "instructblip"}));
  CINESCRIBE_ASSIGN(card.name, f.text("name", ""));
  CINESCRIBE_ASSIGN(card.source, f.text("source", ""));
  CINESCRIBE_ASSIGN(card.licence, f.text("licence", ""));
  CINESCRIBE_ASSIGN(card.is_synthetic, f.flag("is_synthetic", false));
  CINESCRIBE_ASSIGN(card.type, f.text("type"));
  CINESCRIBE_ASSIGN(card.vision_type, f.text("vision_type"));
  CINESCRIBE_ASSIGN(card.prompt_template, f.word("prompt_template", {"vicuna", "mistral", "phi3", "plain"}));
  CINESCRIBE_ASSIGN(const JsonFields tower, f.object("tower"));
  CINESCRIBE_ASSIGN(card.tower, read_tower(tower));
  if (f.has("qformer")) {
    CINESCRIBE_ASSIGN(const JsonFields qformer, f.object("qformer"));
    CINESCRIBE_ASSIGN(card.qformer, read_qformer(qformer));
  }
  CINESCRIBE_ASSIGN(const JsonFields pixels, f.object("pixels"));
  CINESCRIBE_ASSIGN(card.pixels, read_pixels(pixels));
  CINESCRIBE_ASSIGN(const JsonFields language, f.object("language"));
  CINESCRIBE_ASSIGN(card.language, read_language(language));
  CINESCRIBE_ASSIGN(const JsonFields tokens, f.object("tokens"));
  CINESCRIBE_ASSIGN(card.tokens, read_tokens(tokens, card.language.vocabulary));
  CINESCRIBE_ASSIGN(const JsonFields generation, f.object("generation"));
  CINESCRIBE_ASSIGN(card.generation, read_generation(generation));
  CINESCRIBE_ASSIGN(card.sha256, read_checksums(f));
  CINESCRIBE_TRY(check_family(card, f));
  return card;
}

}  // namespace

Result<ModelCard> read_model_card(const std::filesystem::path& folder) {
  CINESCRIBE_ASSIGN(const json object, read_json_object(folder / "model.json"));
  return read_card(object, (folder / "model.json").string());
}

Result<ModelCard> parse_model_card(const std::string& text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return Error{ErrorCode::kModel, "model.json: no JSON object in it"};
  return read_card(object, "model.json");
}

}  // namespace cinescribe::tensor
