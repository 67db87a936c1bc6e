#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cinescribe/captions/anyres.h"
#include "cinescribe/captions/tile_pixels.h"
#include "cinescribe/core/image.h"
#include "cinescribe/core/status.h"
#include "cinescribe/tensor/model_card.h"

// Phi-3-vision's HD transform: a picture is scaled to whole tiles in width, padded white in height, and shown to the
// tower as a small global view and as crops; every 2 × 2 patches make one token.
namespace cinescribe::captions {

/// Where everything of one picture lies. Portrait pictures are transposed (x and y swapped) before, and back after.
struct HdPlan {
  TileShape shape;
  int picture_width = 0, picture_height = 0;
  bool is_transposed = false;
  int resized_width = 0, resized_height = 0;  ///< In the transposed frame when `is_transposed`.
  int pad_top = 0, pad_bottom = 0;            ///< Likewise.
  int height = 0, width = 0;                  ///< Final, multiples of the tile.

  [[nodiscard]] int grid_rows() const { return height / shape.tile_px; }
  [[nodiscard]] int grid_columns() const { return width / shape.tile_px; }
  /// Tiles that the tower sees, the global view included.
  [[nodiscard]] int tiles() const { return 1 + grid_rows() * grid_columns(); }
  /// Rows of tokens in one tile, and tokens in one of its rows.
  [[nodiscard]] int merged() const { return shape.patches() / 2; }
  [[nodiscard]] int tokens() const {
    const int m = merged();
    return grid_rows() * m * (grid_columns() * m + 1) + 1 + m * (m + 1);
  }
};

/// Plans a picture for at most `num_crops` crops (low detail: 1). Errors: kInput (a size below 1; a picture so thin
/// that nothing of it is left), kModel (`num_crops` outside of 1 ... 256, an odd number of patches along a tile).
///
/// @source microsoft/Phi-3.5-vision-instruct, image_processing_phi3_v
Result<HdPlan> plan_hd(int width, int height, const TileShape& shape, int num_crops);

/// The scaled and padded picture, RGB of `plan.width` × `plan.height`. Errors: kInput (not RGB, or not of the
/// planned size), kModel (unknown resize order).
Result<Image> hd_picture(const Image& picture, const HdPlan& plan, const tensor::PixelCard& card);

/// The pixels of an HD picture: the global view (bicubic a = -0.75 on the normalised picture, not antialiased), then
/// the crops row by row. Precondition: `hd` is what `hd_picture` gave for `plan`.
TilePixels hd_tiles(const Image& hd, const HdPlan& plan, const tensor::PixelCard& card);

/// Rows that the separators have in the gather: each is four rows of the tower's width (4 · width values, cut in four).
struct HdSeparatorRows {
  std::int32_t sub_newline = 0;       ///< First of the four rows of `sub_GN`.
  std::int32_t global_separator = 0;  ///< First of the four rows of `glb_GN`.
};

/// The feature rows of one picture's tokens, four per token: patches (2y, 2x), (2y, 2x+1), (2y+1, 2x), (2y+1, 2x+1).
/// Patch i of tile t is row `first_row` + t * patches² + i. `order`: "sub_glb" or "glb_sub". 4 * `plan.tokens()`
/// elements. Errors: kModel (unknown order).
Result<std::vector<std::int32_t>> hd_rows(const HdPlan& plan, const std::string& order, std::int32_t first_row,
                                          const HdSeparatorRows& separators);

}  // namespace cinescribe::captions
