#include "cinescribe/models/tower_plan.h"

#include <algorithm>
#include <utility>

namespace cinescribe::models {

namespace {

using tensor::JsonFields;
using tensor::TowerCard;

constexpr int kWidest = 1 << 17;
constexpr int kMostLayers = 512;

std::int64_t patches(const TowerCard& tower) {
  const std::int64_t side = tower.image_size_px / tower.patch_size_px;
  return side * side;
}

/// The patch convolution as one row per output channel.
void add_patch_rows(const TowerCard& tower, const std::string& source, std::vector<WantedTensor>& out) {
  const std::int64_t patch = tower.patch_size_px;
  WantedTensor tensor;
  tensor.name = "v.patch.weight";
  tensor.source = source;
  tensor.shape = {3 * patch * patch, tower.width};
  tensor.source_shape = {tower.width, 3, patch, patch};
  tensor.is_matrix = true;
  out.push_back(std::move(tensor));
}

/// One of q, k and v of a fused tensor whose rows are q, then k, then v.
void add_third(std::vector<WantedTensor>& list, const std::string& name, const std::string& source, std::int64_t width,
               int which, bool has_bias) {
  add_linear(list, name, source, width, width, has_bias);
  const std::size_t weight = list.size() - (has_bias ? 2 : 1);
  list[weight].source_shape = {3 * width, width};
  list[weight].first_element = which * width * width;
  if (!has_bias) return;
  list.back().source_shape = {3 * width};
  list.back().first_element = which * width;
}

}  // namespace

void add_plain(std::vector<WantedTensor>& list, const std::string& name, const std::string& source,
               std::vector<std::int64_t> shape) {
  WantedTensor tensor;
  tensor.name = name;
  tensor.source = source;
  tensor.source_shape = std::vector<std::int64_t>(shape.rbegin(), shape.rend());
  tensor.shape = std::move(shape);
  list.push_back(std::move(tensor));
}

void add_linear(std::vector<WantedTensor>& list, const std::string& name, const std::string& source, std::int64_t in,
                std::int64_t out, bool has_bias) {
  add_plain(list, name + ".weight", source + ".weight", {in, out});
  list.back().is_matrix = true;
  if (has_bias) add_plain(list, name + ".bias", source + ".bias", {out});
}

void add_norm(std::vector<WantedTensor>& list, const std::string& name, const std::string& source, std::int64_t width) {
  add_plain(list, name + ".weight", source + ".weight", {width});
  add_plain(list, name + ".bias", source + ".bias", {width});
}

Result<TowerCard> read_tower(const JsonFields& f, const TowerDefaults& d) {
  TowerCard t;
  CINESCRIBE_ASSIGN(t.width, f.small_integer("hidden_size", 1, kWidest, d.width));
  CINESCRIBE_ASSIGN(t.ffn_width, f.small_integer("intermediate_size", 1, kWidest, d.ffn_width));
  CINESCRIBE_ASSIGN(t.layers, f.small_integer("num_hidden_layers", 1, kMostLayers, d.layers));
  CINESCRIBE_ASSIGN(t.heads, f.small_integer("num_attention_heads", 1, 4096, d.heads));
  CINESCRIBE_ASSIGN(t.image_size_px, f.small_integer("image_size", 1, 16384, d.image_size));
  CINESCRIBE_ASSIGN(t.patch_size_px, f.small_integer("patch_size", 1, t.image_size_px, d.patch_size));
  CINESCRIBE_ASSIGN(t.norm_eps, f.number("layer_norm_eps", 0.0, 1.0, d.norm_eps));
  CINESCRIBE_ASSIGN(t.activation, f.word("hidden_act", {"quick_gelu", "gelu"}, d.activation));
  CINESCRIBE_TRY(f.small_integer("num_channels", 3, 3, 3));
  if (t.width % t.heads != 0) {
    return f.bad("num_attention_heads", "a divisor of hidden_size " + std::to_string(t.width));
  }
  t.head_dim = t.width / t.heads;
  if (t.image_size_px / t.patch_size_px > 1024) return f.bad("patch_size", "at most 1024 patches along a side");
  return t;
}

Status use_layers(const JsonFields& config, const char* key, const std::vector<int>& indices, TowerCard& tower) {
  tower.feature_layers.clear();
  for (const int index : indices) {
    const int layer = index < 0 ? tower.layers + 1 + index : index;
    if (layer < 0 || layer > tower.layers) {
      return config.bad(key, "an index into " + std::to_string(tower.layers + 1) + " hidden states");
    }
    tower.feature_layers.push_back(layer);
  }
  tower.layers = *std::max_element(tower.feature_layers.begin(), tower.feature_layers.end());
  return {};
}

void add_clip_tower(const TowerCard& tower, const std::string& prefix, std::vector<WantedTensor>& out) {
  const std::int64_t width = tower.width;
  add_plain(out, "v.class", prefix + "embeddings.class_embedding", {width});
  add_plain(out, "v.positions", prefix + "embeddings.position_embedding.weight", {width, 1 + patches(tower)});
  add_patch_rows(tower, prefix + "embeddings.patch_embedding.weight", out);
  add_norm(out, "v.pre_norm", prefix + "pre_layrnorm", width);
  for (int layer = 0; layer < tower.layers; ++layer) {
    const std::string to = "v.layer." + std::to_string(layer) + ".";
    const std::string from = prefix + "encoder.layers." + std::to_string(layer) + ".";
    add_norm(out, to + "norm1", from + "layer_norm1", width);
    add_linear(out, to + "query", from + "self_attn.q_proj", width, width);
    add_linear(out, to + "key", from + "self_attn.k_proj", width, width);
    add_linear(out, to + "value", from + "self_attn.v_proj", width, width);
    add_linear(out, to + "output", from + "self_attn.out_proj", width, width);
    add_norm(out, to + "norm2", from + "layer_norm2", width);
    add_linear(out, to + "up", from + "mlp.fc1", width, tower.ffn_width);
    add_linear(out, to + "down", from + "mlp.fc2", tower.ffn_width, width);
  }
}

void add_eva_tower(const TowerCard& tower, bool has_qkv_bias, std::vector<WantedTensor>& out) {
  const std::int64_t width = tower.width;
  const std::string prefix = "vision_model.";
  add_plain(out, "v.class", prefix + "embeddings.class_embedding", {width});
  add_plain(out, "v.positions", prefix + "embeddings.position_embedding", {width, 1 + patches(tower)});
  add_patch_rows(tower, prefix + "embeddings.patch_embedding.weight", out);
  add_plain(out, "v.patch.bias", prefix + "embeddings.patch_embedding.bias", {width});
  for (int layer = 0; layer < tower.layers; ++layer) {
    const std::string to = "v.layer." + std::to_string(layer) + ".";
    const std::string from = prefix + "encoder.layers." + std::to_string(layer) + ".";
    add_norm(out, to + "norm1", from + "layer_norm1", width);
    add_third(out, to + "query", from + "self_attn.qkv", width, 0, has_qkv_bias);
    add_third(out, to + "key", from + "self_attn.qkv", width, 1, has_qkv_bias);
    add_third(out, to + "value", from + "self_attn.qkv", width, 2, has_qkv_bias);
    add_linear(out, to + "output", from + "self_attn.projection", width, width);
    add_norm(out, to + "norm2", from + "layer_norm2", width);
    add_linear(out, to + "up", from + "mlp.fc1", width, tower.ffn_width);
    add_linear(out, to + "down", from + "mlp.fc2", tower.ffn_width, width);
  }
  add_norm(out, "v.post_norm", prefix + "post_layernorm", width);
}

}  // namespace cinescribe::models
