#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cinescribe/captions/anyres.h"
#include "cinescribe/captions/projector.h"
#include "cinescribe/captions/vision_family.h"

namespace cinescribe::captions {

/// What LLaVA and Phi have in common: every token is made of one or more patches of one tile, or is a constant row, and
/// a projector turns features into rows.
class GridVision : public VisionFamily {
 public:
  [[nodiscard]] Status check_instruction(const std::string& /*instruction*/) const override { return {}; }
  [[nodiscard]] std::size_t graph_nodes() const override { return 16 + 2 * Projector::kGraphNodes; }

  /// Taps "features" (all patches of all tiles, without class tokens) and the projector's; with one patch per token
  /// those too are of all patches.
  ggml_tensor* build(ggml_context* graph, ggml_tensor* features, std::span<const ChunkTile> chunk,
                     tensor::GraphValues& values, std::vector<RowTarget>& targets) const override;

 protected:
  GridVision(const TileShape& shape, int patches_per_token, const Projector& projector)
      : shape_(shape), patches_per_token_(patches_per_token), projector_(projector) {}

  [[nodiscard]] const TileShape& shape() const { return shape_; }
  [[nodiscard]] int patches_per_tile() const { return shape_.patches() * shape_.patches(); }

  /// Gives every tile its tokens. `rows`: `patches_per_token` per token of the picture; patch i of tile t is row
  /// t · patches_per_tile + i, rows behind those of all tiles belong to constants, `patches_per_token` each.
  void assign_tokens(std::span<const std::int32_t> rows, PreparedPicture& picture) const;

 private:
  TileShape shape_;
  int patches_per_token_;
  Projector projector_;
};

}  // namespace cinescribe::captions
