#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "cinescribe/captions/tile_pixels.h"
#include "cinescribe/core/image.h"
#include "cinescribe/core/status.h"
#include "cinescribe/tensor/model_card.h"

// LLaVA-NeXT's "any resolution": a picture is shown to the tower once as a whole (the base tile) and once cut into
// tiles of the canvas that fits it best; the features of what only padded the canvas are dropped again. All geometry is
// in double, as in the reference: in float some sizes come out one pixel less.
namespace cinescribe::captions {

/// Shape of the tower's input.
struct TileShape {
  int tile_px = 336;
  int patch_px = 14;

  [[nodiscard]] int patches() const { return tile_px / patch_px; }  ///< Along one side of a tile.
};

/// Where everything of one picture lies.
struct AnyresPlan {
  TileShape shape;
  int picture_width = 0, picture_height = 0;
  int canvas_height = 0, canvas_width = 0;  ///< 0: the base tile only (low detail).
  int content_height = 0, content_width = 0;
  int pad_top = 0, pad_bottom = 0, pad_left = 0, pad_right = 0;
  int kept_top = 0, kept_left = 0;      ///< First feature cell that is kept; cells count over the whole canvas.
  int kept_rows = 0, kept_columns = 0;  ///< Either may be 0 for very thin pictures.

  [[nodiscard]] bool has_grid() const { return canvas_height > 0; }
  [[nodiscard]] int grid_rows() const { return canvas_height / shape.tile_px; }
  [[nodiscard]] int grid_columns() const { return canvas_width / shape.tile_px; }
  /// Tiles that the tower sees, the base tile included.
  [[nodiscard]] int tiles() const { return 1 + grid_rows() * grid_columns(); }
  /// Tokens in the prompt: the base tile's patches, then the kept cells with one newline after each row.
  [[nodiscard]] int tokens() const {
    const int base = shape.patches() * shape.patches();
    return has_grid() ? base + kept_rows * (kept_columns + 1) : base;
  }
};

/// The canvas (height, width) that loses least of the picture and, among equals, wastes least; the first of equals.
/// Precondition: sizes at least 1, `pinpoints_hw` not empty. @source transformers 4.57.1, select_best_resolution
std::array<int, 2> select_best_resolution(int width, int height, std::span<const std::array<int, 2>> pinpoints_hw);

/// Plans a picture. Errors: kInput (a size below 1), kModel (no pinpoints, a pinpoint that is no multiple of the tile
/// or beyond 2^27 pixels, a tile without patches).
Result<AnyresPlan> plan_anyres(int width, int height, const TileShape& shape, const tensor::PixelCard& card,
                               bool is_low_detail);

/// The pixels of a planned picture: base tile, then the grid row by row. The canvas is padded black before normalising.
/// Errors: kInput (not RGB, or not of the planned size), kModel (unknown resize order).
///
/// @source transformers 4.57.1, LlavaNextImageProcessor
Result<TilePixels> anyres_tiles(const Image& picture, const AnyresPlan& plan, const tensor::PixelCard& card);

/// The feature rows of one picture's tokens in order, as indices for a gather: patch i of tile t is row
/// `first_row` + t * patches² + i, the newline is `newline_row`. `plan.tokens()` elements.
std::vector<std::int32_t> anyres_rows(const AnyresPlan& plan, std::int32_t first_row, std::int32_t newline_row);

}  // namespace cinescribe::captions
