#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/tensor/compute_device.h"
#include "cinescribe/tensor/encoder.h"
#include "cinescribe/tensor/graph_values.h"
#include "cinescribe/tensor/model_card.h"
#include "cinescribe/tensor/weight_file.h"

namespace cinescribe::captions {

/// CLIP's or EVA's vision transformer: its weights in a device's memory, and its graph. The weight file must outlive
/// it.
///
/// @source transformers 4.57.1, CLIPVisionModel and InstructBlipVisionModel
class VisionTower {
 public:
  /// Reads the `v.*` tensors. `wants_fused`: fused attention where the device has it. Errors: kModel (a card that
  /// contradicts itself or the file, an unknown activation).
  static Result<VisionTower> load(const tensor::WeightFile& file, const tensor::TowerCard& card,
                                  const tensor::ComputeDevice& device, bool wants_fused);

  [[nodiscard]] int patches() const;  ///< Of one tile.
  [[nodiscard]] int tokens() const { return 1 + patches(); }
  [[nodiscard]] int feature_width() const;  ///< Of one token, all feature layers joined.
  [[nodiscard]] std::size_t graph_nodes() const;

  /// Appends the patches of one normalised CHW tile to `rows`: one row of 3 · patch² values (colour, y, x) per patch.
  void gather_patches(std::span<const float> tile, std::vector<float>& rows) const;

  /// Adds the tower to a graph. `patch_rows`: what `gather_patches` gave for `batch` tiles. The result is f32
  /// [feature_width, tokens, batch], the class token first. Taps "patch_embeds", "embeddings", "hidden_0" … and, of the
  /// layers, what `tensor::EncoderInputs::tap` hears.
  ggml_tensor* build(ggml_context* graph, std::vector<float> patch_rows, int batch, tensor::GraphValues& values) const;

 private:
  VisionTower() = default;

  tensor::TowerCard card_;
  tensor::EncoderOptions encoder_;
  ggml_tensor* class_token_ = nullptr;
  ggml_tensor* positions_ = nullptr;
  tensor::Affine patch_;
  tensor::Affine pre_norm_;
  tensor::Affine post_norm_;
  std::vector<tensor::EncoderLayer> layers_;
};

}  // namespace cinescribe::captions
