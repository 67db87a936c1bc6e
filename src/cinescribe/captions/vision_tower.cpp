#include "cinescribe/captions/vision_tower.h"

#include <algorithm>
#include <string>
#include <utility>

#include <ggml.h>

#include "cinescribe/tensor/encoder_weights.h"

namespace cinescribe::captions {
namespace {

constexpr int kMaxSide = 1 << 14;
constexpr int kMaxWidth = 1 << 20;

Error contradiction(const std::string& what) {
  return {ErrorCode::kModel, "the model's vision tower cannot be run: " + what + "; import the model again"};
}

Status check_card(const tensor::TowerCard& card) {
  const auto is_between = [](int value, int low, int high) { return value >= low && value <= high; };
  if (!is_between(card.patch_size_px, 1, kMaxSide) || !is_between(card.image_size_px, card.patch_size_px, kMaxSide)) {
    return contradiction("pictures of " + std::to_string(card.image_size_px) + " px in patches of " +
                         std::to_string(card.patch_size_px) + " px");
  }
  if (!is_between(card.width, 1, kMaxWidth) || !is_between(card.ffn_width, 1, kMaxWidth) ||
      !is_between(card.heads, 1, kMaxWidth) || !is_between(card.head_dim, 1, kMaxWidth / card.heads)) {
    return contradiction("width " + std::to_string(card.width) + ", feed-forward width " +
                         std::to_string(card.ffn_width) + ", " + std::to_string(card.heads) + " heads of " +
                         std::to_string(card.head_dim));
  }
  if (!is_between(card.layers, 0, 1000)) return contradiction(std::to_string(card.layers) + " layers");
  if (card.feature_layers.empty()) return contradiction("no layer gives its features");
  for (const int layer : card.feature_layers) {
    if (!is_between(layer, 0, card.layers)) {
      return contradiction("features of layer " + std::to_string(layer) + " of " + std::to_string(card.layers));
    }
  }
  return {};
}

}  // namespace

Result<VisionTower> VisionTower::load(const tensor::WeightFile& file, const tensor::TowerCard& card,
                                      const tensor::ComputeDevice& device, bool wants_fused) {
  CINESCRIBE_TRY(check_card(card));
  VisionTower tower;
  tower.card_ = card;
  tensor::EncoderOptions& encoder = tower.encoder_;
  encoder.width = card.width;
  encoder.heads = card.heads;
  encoder.head_dim = card.head_dim;
  encoder.norm_eps = static_cast<float>(card.norm_eps);
  if (!tensor::parse_activation(card.activation, encoder.activation)) {
    return contradiction("the activation '" + card.activation + "' is not known");
  }
  tensor::fit_to_device(encoder, device, wants_fused);
  const std::int64_t patch_values = std::int64_t{3} * card.patch_size_px * card.patch_size_px;
  CINESCRIBE_ASSIGN(tower.class_token_, file.array("v.class", {card.width}));
  CINESCRIBE_ASSIGN(tower.positions_, file.array("v.positions", {card.width, tower.tokens()}));
  CINESCRIBE_ASSIGN(tower.patch_, tensor::read_linear(file, "v.patch", patch_values, card.width));
  if (card.has_patch_bias != (tower.patch_.bias != nullptr)) {
    return contradiction(card.has_patch_bias ? "v.patch.bias is missing" : "there is a v.patch.bias of no use");
  }
  if (card.has_pre_norm) {
    CINESCRIBE_ASSIGN(tower.pre_norm_, tensor::read_norm(file, "v.pre_norm", card.width));
  }
  if (card.has_post_norm) {
    CINESCRIBE_ASSIGN(tower.post_norm_, tensor::read_norm(file, "v.post_norm", card.width));
  }
  CINESCRIBE_ASSIGN(tower.layers_, tensor::read_encoder_layers(file, "v.layer.", card.layers, encoder, card.ffn_width));
  // Layers behind the last one that is looked at would be computed for nothing.
  const int used = *std::max_element(card.feature_layers.begin(), card.feature_layers.end());
  tower.layers_.resize(static_cast<std::size_t>(used));
  return tower;
}

int VisionTower::patches() const {
  const int side = card_.image_size_px / card_.patch_size_px;
  return side * side;
}

int VisionTower::feature_width() const { return card_.width * static_cast<int>(card_.feature_layers.size()); }

std::size_t VisionTower::graph_nodes() const {
  constexpr std::size_t kOthers = 64;
  return kOthers + 4 * card_.feature_layers.size() + tensor::encoder_nodes(layers_.size());
}

void VisionTower::gather_patches(std::span<const float> tile, std::vector<float>& rows) const {
  const auto size = static_cast<std::size_t>(card_.image_size_px);
  const auto patch = static_cast<std::size_t>(card_.patch_size_px);
  const std::size_t side = size / patch;
  for (std::size_t top = 0; top < side * patch; top += patch) {
    for (std::size_t left = 0; left < side * patch; left += patch) {
      for (std::size_t colour = 0; colour < 3; ++colour) {
        for (std::size_t y = top; y < top + patch; ++y) {
          const auto line = tile.subspan((colour * size + y) * size + left, patch);
          rows.insert(rows.end(), line.begin(), line.end());
        }
      }
    }
  }
}

ggml_tensor* VisionTower::build(ggml_context* graph, std::vector<float> patch_rows, int batch,
                                tensor::GraphValues& values) const {
  const std::int64_t patch_values = std::int64_t{3} * card_.patch_size_px * card_.patch_size_px;
  ggml_tensor* x = values.floats(graph, std::move(patch_rows), {patch_values, patches(), batch});
  x = tensor::linear(graph, x, patch_);
  values.tap("patch_embeds", x);
  x = ggml_concat(graph, ggml_repeat_4d(graph, class_token_, card_.width, 1, batch, 1), x, 1);
  x = ggml_add(graph, x, positions_);
  values.tap("embeddings", x);
  if (pre_norm_.weight != nullptr) x = tensor::layer_norm(graph, x, pre_norm_, encoder_.norm_eps);
  values.tap("hidden_0", x);
  tensor::EncoderInputs inputs;
  if (values.is_tapped()) {
    inputs.tap = [&](std::string_view name, ggml_tensor* tensor) { values.tap(name, tensor); };
  }
  const std::vector<ggml_tensor*> hidden = tensor::build_encoder(graph, x, encoder_, layers_, inputs);
  ggml_tensor* features = nullptr;
  for (const int layer : card_.feature_layers) {
    ggml_tensor* part = layer == 0 ? x : hidden[static_cast<std::size_t>(layer) - 1];
    // The reference's list of hidden states is from before the last norm, its output from behind it.
    if (post_norm_.weight != nullptr && layer == card_.layers) {
      part = tensor::layer_norm(graph, part, post_norm_, encoder_.norm_eps);
    }
    features = features == nullptr ? part : ggml_concat(graph, features, part, 0);
  }
  return features;
}

}  // namespace cinescribe::captions
