#pragma once

#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/models/wanted_tensor.h"
#include "cinescribe/tensor/json_fields.h"
#include "cinescribe/tensor/model_card.h"

namespace cinescribe::models {

/// Sizes that a vision configuration leaves to its class.
struct TowerDefaults {
  int width, ffn_width, layers, heads, image_size, patch_size;
  double norm_eps;
  const char* activation;
};
/// transformers' CLIPVisionConfig.
inline constexpr TowerDefaults kClipDefaults = {768, 3072, 12, 12, 224, 32, 1e-5, "quick_gelu"};
/// ViT-L/14-336: what LLaVA-NeXT and Phi-3-vision mean without a vision_config.
inline constexpr TowerDefaults kClipLarge = {1024, 4096, 24, 16, 336, 14, 1e-5, "quick_gelu"};
/// transformers' InstructBlipVisionConfig (EVA ViT-g).
inline constexpr TowerDefaults kEvaDefaults = {1408, 6144, 39, 16, 224, 14, 1e-6, "gelu"};

/// Reads sizes; `layers` is the number of the checkpoint. Errors: kModel.
Result<tensor::TowerCard> read_tower(const tensor::JsonFields& vision, const TowerDefaults& defaults);

/// Turns Hugging Face's index into hidden states (negative: from the end) into one from the front, and keeps only the
/// layers below the last one that is used. Errors: kModel (outside).
Status use_layers(const tensor::JsonFields& config, const char* key, const std::vector<int>& indices,
                  tensor::TowerCard& tower);

/// Tensors of a CLIP tower below `prefix` ("vision_tower."). Only layers that run.
void add_clip_tower(const tensor::TowerCard& tower, const std::string& prefix, std::vector<WantedTensor>& out);

/// Tensors of an EVA tower below `vision_model.`, its fused qkv taken apart.
void add_eva_tower(const tensor::TowerCard& tower, bool has_qkv_bias, std::vector<WantedTensor>& out);

/// `NAME.weight` from `SOURCE.weight` ([out, in]), and the bias if there is one.
void add_linear(std::vector<WantedTensor>& list, const std::string& name, const std::string& source, std::int64_t in,
                std::int64_t out, bool has_bias = true);
/// `NAME.weight` and `NAME.bias` of a layer norm.
void add_norm(std::vector<WantedTensor>& list, const std::string& name, const std::string& source, std::int64_t width);
/// A tensor that stays f32, with the shape `shape` (fastest first), from `source`.
void add_plain(std::vector<WantedTensor>& list, const std::string& name, const std::string& source,
               std::vector<std::int64_t> shape);

}  // namespace cinescribe::models
