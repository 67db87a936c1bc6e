#include "cinescribe/models/language_plan.h"

#include <cmath>
#include <utility>

namespace cinescribe::models {

namespace {

using nlohmann::json;
using tensor::JsonFields;
using tensor::LanguageCard;

constexpr int kWidest = 1 << 17;
constexpr int kMostLayers = 512;  // llama.cpp's own limit
constexpr int kMostTokens = 1 << 22;
constexpr std::int64_t kLongestContext = std::int64_t{1} << 30U;

/// What the configuration class fills in for missing keys.
struct Defaults {
  int vocabulary, width, ffn_width, layers, heads, kv_heads;  ///< kv_heads 0: as many as heads.
  std::int64_t context;
  double rms_eps;
};
constexpr Defaults kLlama = {32000, 4096, 11008, 32, 32, 0, 2048, 1e-6};
constexpr Defaults kMistral = {32000, 4096, 14336, 32, 32, 8, 131072, 1e-6};
constexpr Defaults kPhi3 = {32064, 3072, 8192, 32, 32, 0, 4096, 1e-5};

WantedTensor vector_tensor(std::string name, std::string source, std::int64_t length) {
  return {std::move(name), {length}, std::move(source), {length}, 0, 0, false, TensorRole::kOther, 0, {}};
}

WantedTensor matrix_tensor(std::string name, std::string source, std::int64_t in, std::int64_t out) {
  return {std::move(name), {in, out}, std::move(source), {out, in}, 0, 0, true, TensorRole::kOther, 0, {}};
}

/// Rows of a two-dimensional tensor; 0 when there is no such tensor.
std::int64_t rows_of(const WeightSource& weights, const std::string& name) {
  const auto shape = weights.shape(name);
  return shape.ok() && shape->size() == 2 ? shape->front() : 0;
}

Result<LanguagePlan> read_shape(const JsonFields& f, const Defaults& d, const std::string& embedding,
                                const WeightSource& weights, bool has_rows_of_file) {
  LanguagePlan plan;
  LanguageCard& l = plan.card;
  CINESCRIBE_ASSIGN(l.vocabulary, f.small_integer("vocab_size", 1, kMostTokens, d.vocabulary));
  CINESCRIBE_ASSIGN(l.width, f.small_integer("hidden_size", 1, kWidest, d.width));
  CINESCRIBE_ASSIGN(l.ffn_width, f.small_integer("intermediate_size", 1, kWidest, d.ffn_width));
  CINESCRIBE_ASSIGN(l.layers, f.small_integer("num_hidden_layers", 1, kMostLayers, d.layers));
  CINESCRIBE_ASSIGN(l.heads, f.small_integer("num_attention_heads", 1, 4096, d.heads));
  const int kv_heads = d.kv_heads == 0 || f.mentions("num_key_value_heads") ? l.heads : d.kv_heads;
  CINESCRIBE_ASSIGN(l.kv_heads, f.small_integer("num_key_value_heads", 1, l.heads, kv_heads));
  CINESCRIBE_ASSIGN(l.context, f.integer("max_position_embeddings", 1, kLongestContext, d.context));
  CINESCRIBE_ASSIGN(l.head_dim, f.small_integer("head_dim", 1, 4096, std::max(1, l.width / l.heads)));
  CINESCRIBE_ASSIGN(plan.rms_eps, f.number("rms_norm_eps", 1e-12, 1.0, d.rms_eps));
  CINESCRIBE_ASSIGN(plan.is_tied, f.flag("tie_word_embeddings", false));
  CINESCRIBE_TRY(f.word("hidden_act", {"silu"}, "silu"));
  if (!f.has("head_dim") && l.width % l.heads != 0) {
    return f.bad("num_attention_heads", "a divisor of hidden_size " + std::to_string(l.width));
  }
  if (l.head_dim % 2 != 0) return f.bad("head_dim", "an even number");
  if (l.heads % l.kv_heads != 0) return f.bad("num_key_value_heads", "a divisor of " + std::to_string(l.heads));
  const std::int64_t rows = rows_of(weights, embedding);
  if (has_rows_of_file && rows > 0 && rows <= kMostTokens) l.vocabulary = static_cast<int>(rows);
  return plan;
}

/// Plain and linearly scaled positions; anything else would run differently and is refused.
Status read_rope(const JsonFields& f, LanguagePlan& plan) {
  // Newer files keep both under rope_parameters.
  CINESCRIBE_ASSIGN(const JsonFields parameters, f.object("rope_parameters"));
  CINESCRIBE_ASSIGN(const double theta, parameters.number("rope_theta", 1.0, 1e12, 10000.0));
  CINESCRIBE_ASSIGN(plan.rope_theta, f.number("rope_theta", 1.0, 1e12, theta));
  CINESCRIBE_ASSIGN(const double partial, f.number("partial_rotary_factor", 0.0, 1.0, 1.0));
  if (partial != 1.0) return f.bad("partial_rotary_factor", "1: partial rotation is not supported");
  CINESCRIBE_ASSIGN(const JsonFields old, f.object("rope_scaling"));
  const JsonFields& scaling = f.has("rope_scaling") ? old : parameters;
  const char* key = scaling.has("rope_type") ? "rope_type" : "type";
  CINESCRIBE_ASSIGN(const std::string type, scaling.word(key, {"default", "linear"}, "default"));
  if (type == "linear") {
    CINESCRIBE_ASSIGN(plan.linear_rope_factor, scaling.number("factor", 1e-3, 1e6));
  }
  return {};
}

void add_output(LanguagePlan& plan, const std::string& prefix) {
  const std::int64_t width = plan.card.width;
  const std::int64_t rows = plan.card.vocabulary;
  plan.tensors.push_back(matrix_tensor("token_embd.weight", prefix + "embed_tokens.weight", width, rows));
  plan.tensors.back().role = TensorRole::kTokenEmbedding;
  plan.tensors.push_back(vector_tensor("output_norm.weight", prefix + "norm.weight", width));
  if (plan.is_tied) return;
  plan.tensors.push_back(matrix_tensor("output.weight", "lm_head.weight", width, rows));
  plan.tensors.back().role = TensorRole::kOutput;
}

/// One projection of LLaMA: its matrix, and its bias if it has one.
struct Projection {
  const char* name;
  const char* source;
  std::int64_t in, out;
  std::int64_t permuted_head_dim;
  TensorRole role;
  bool has_bias;
};

void add_llama_layer(LanguagePlan& plan, const std::string& prefix, int layer, bool attention_bias, bool mlp_bias) {
  const LanguageCard& l = plan.card;
  const std::string to = "blk." + std::to_string(layer) + ".";
  const std::string from = prefix + "layers." + std::to_string(layer) + ".";
  const std::int64_t width = l.width;
  const std::int64_t q = std::int64_t{l.heads} * l.head_dim;
  const std::int64_t kv = std::int64_t{l.kv_heads} * l.head_dim;
  const std::int64_t ffn = l.ffn_width;
  plan.tensors.push_back(vector_tensor(to + "attn_norm.weight", from + "input_layernorm.weight", width));
  plan.tensors.push_back(vector_tensor(to + "ffn_norm.weight", from + "post_attention_layernorm.weight", width));
  const Projection projections[] = {
      {"attn_q", "self_attn.q_proj", width, q, l.head_dim, TensorRole::kOther, attention_bias},
      {"attn_k", "self_attn.k_proj", width, kv, l.head_dim, TensorRole::kOther, attention_bias},
      {"attn_v", "self_attn.v_proj", width, kv, 0, TensorRole::kAttentionValue, attention_bias},
      {"attn_output", "self_attn.o_proj", q, width, 0, TensorRole::kOther, attention_bias},
      {"ffn_gate", "mlp.gate_proj", width, ffn, 0, TensorRole::kOther, mlp_bias},
      {"ffn_up", "mlp.up_proj", width, ffn, 0, TensorRole::kOther, mlp_bias},
      {"ffn_down", "mlp.down_proj", ffn, width, 0, TensorRole::kFfnDown, mlp_bias}};
  for (const Projection& p : projections) {
    plan.tensors.push_back(matrix_tensor(to + p.name + ".weight", from + p.source + ".weight", p.in, p.out));
    plan.tensors.back().permuted_head_dim = p.permuted_head_dim;
    plan.tensors.back().role = p.role;
    plan.tensors.back().layer = layer;
    if (!p.has_bias) continue;
    plan.tensors.push_back(vector_tensor(to + p.name + ".bias", from + p.source + ".bias", p.out));
    plan.tensors.back().permuted_head_dim = p.permuted_head_dim;
  }
}

void add_phi3_layer(LanguagePlan& plan, int layer) {
  const LanguageCard& l = plan.card;
  const std::string to = "blk." + std::to_string(layer) + ".";
  const std::string from = "layers." + std::to_string(layer) + ".";
  const std::int64_t width = l.width;
  const std::int64_t fused = std::int64_t{l.heads + 2 * l.kv_heads} * l.head_dim;
  const std::int64_t ffn = l.ffn_width;
  auto& t = plan.tensors;
  t.push_back(vector_tensor(to + "attn_norm.weight", from + "input_layernorm.weight", width));
  t.push_back(vector_tensor(to + "ffn_norm.weight", from + "post_attention_layernorm.weight", width));
  t.push_back(matrix_tensor(to + "attn_qkv.weight", from + "self_attn.qkv_proj.weight", width, fused));
  t.back().role = TensorRole::kAttentionValue;
  t.back().layer = layer;
  t.push_back(matrix_tensor(to + "attn_output.weight", from + "self_attn.o_proj.weight", width, width));
  t.push_back(matrix_tensor(to + "ffn_up.weight", from + "mlp.gate_up_proj.weight", width, 2 * ffn));
  t.push_back(matrix_tensor(to + "ffn_down.weight", from + "mlp.down_proj.weight", ffn, width));
  t.back().role = TensorRole::kFfnDown;
  t.back().layer = layer;
}

/// One set of RoPE factors, head_dim / 2 of them.
Result<std::vector<float>> read_factors(const JsonFields& scaling, const char* key, int head_dim) {
  const json* value = scaling.find(key);
  const auto wanted = static_cast<std::size_t>(head_dim / 2);
  const std::string expected = "a list of " + std::to_string(wanted) + " numbers above 0 (half of the head's width)";
  if (value == nullptr || !value->is_array() || value->size() != wanted) return scaling.bad(key, expected);
  std::vector<float> factors;
  for (const json& item : *value) {
    const float factor = item.is_number() ? item.get<float>() : 0.0F;
    if (!std::isfinite(factor) || factor <= 0.0F) return scaling.bad(key, expected);
    factors.push_back(factor);
  }
  return factors;
}

Status add_long_rope(const JsonFields& config, LanguagePlan& plan) {
  if (!config.has("rope_scaling")) return {};
  LanguageCard& l = plan.card;
  CINESCRIBE_ASSIGN(const JsonFields scaling, config.object("rope_scaling"));
  const char* key = scaling.has("rope_type") ? "rope_type" : "type";
  CINESCRIBE_ASSIGN(const std::string type, scaling.word(key, {"su", "longrope", "yarn"}));
  CINESCRIBE_ASSIGN(auto short_factors, read_factors(scaling, "short_factor", l.head_dim));
  CINESCRIBE_ASSIGN(auto long_factors, read_factors(scaling, "long_factor", l.head_dim));
  CINESCRIBE_ASSIGN(l.original_context, config.integer("original_max_position_embeddings", 2, kLongestContext, 4096));
  const double scale = static_cast<double>(l.context) / static_cast<double>(l.original_context);
  if (scale > 1.0) {
    plan.attention_factor = type == "yarn"
                                ? 0.1 * std::log(scale) + 1.0
                                : std::sqrt(1.0 + std::log(scale) / std::log(static_cast<double>(l.original_context)));
  }
  const auto add = [&plan](const char* name, std::vector<float> values) {
    WantedTensor tensor;
    tensor.name = name;
    tensor.shape = {static_cast<std::int64_t>(values.size())};
    tensor.values = std::move(values);
    plan.tensors.push_back(std::move(tensor));
  };
  add("rope_factors_long.weight", std::move(long_factors));
  add("rope_factors_short.weight", std::move(short_factors));
  return {};
}

/// A window below the trained context changes results; whoever runs the model must know. 0 = none.
Status read_window(const JsonFields& f, std::int64_t fallback, LanguagePlan& plan) {
  const bool is_off = f.mentions("sliding_window") && !f.has("sliding_window");
  if (is_off) return {};
  CINESCRIBE_ASSIGN(const std::int64_t window, f.integer("sliding_window", 0, std::int64_t{1} << 40U, fallback));
  if (window > 0 && window <= kLongestContext) plan.card.window = window;
  return {};
}

}  // namespace

Result<LanguagePlan> plan_llama(const JsonFields& text, const std::string& prefix, const WeightSource& weights,
                                bool has_rows_of_file) {
  CINESCRIBE_ASSIGN(const std::string kind, text.word("model_type", {"llama", "mistral"}, "llama"));
  const bool is_mistral = kind == "mistral";
  CINESCRIBE_ASSIGN(LanguagePlan plan, read_shape(text, is_mistral ? kMistral : kLlama, prefix + "embed_tokens.weight",
                                                  weights, has_rows_of_file));
  plan.card.architecture = "llama";
  CINESCRIBE_TRY(read_rope(text, plan));
  if (is_mistral) CINESCRIBE_TRY(read_window(text, 4096, plan));
  bool attention_bias = false;
  bool mlp_bias = false;
  if (!is_mistral) {
    CINESCRIBE_ASSIGN(attention_bias, text.flag("attention_bias", false));
    CINESCRIBE_ASSIGN(mlp_bias, text.flag("mlp_bias", false));
  }
  add_output(plan, prefix);
  for (int layer = 0; layer < plan.card.layers; ++layer) {
    add_llama_layer(plan, prefix, layer, attention_bias, mlp_bias);
  }
  return plan;
}

Result<LanguagePlan> plan_phi3(const JsonFields& config, const WeightSource& weights) {
  CINESCRIBE_ASSIGN(LanguagePlan plan, read_shape(config, kPhi3, "embed_tokens.weight", weights, false));
  LanguageCard& l = plan.card;
  l.architecture = "phi3";
  if (l.head_dim * l.heads != l.width) return config.bad("head_dim", "hidden_size / num_attention_heads");
  CINESCRIBE_ASSIGN(plan.rope_theta, config.number("rope_theta", 1.0, 1e12, 10000.0));
  CINESCRIBE_TRY(read_window(config, 0, plan));
  add_output(plan, "");
  CINESCRIBE_TRY(add_long_rope(config, plan));
  for (int layer = 0; layer < l.layers; ++layer) add_phi3_layer(plan, layer);
  return plan;
}

}  // namespace cinescribe::models
