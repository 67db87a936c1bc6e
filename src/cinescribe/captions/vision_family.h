#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "cinescribe/captions/tile_pixels.h"
#include "cinescribe/captions/vision_encoder.h"
#include "cinescribe/core/image.h"
#include "cinescribe/core/status.h"
#include "cinescribe/tensor/graph_values.h"
#include "cinescribe/text/tokenizer.h"

namespace cinescribe::captions {

/// One picture ready for the tower, and what each of its tokens is made of.
struct PreparedPicture {
  /// Tokens that one tile gives: `destinations[i]` is a token's place in the picture's rows; its features are the
  /// patches `[i · n, (i + 1) · n)` of `patches` side by side. Empty where the family takes the tile as a whole.
  struct Tile {
    std::vector<std::int32_t> destinations;
    std::vector<std::int32_t> patches;
  };
  /// A token that is the same in every picture.
  struct Constant {
    std::int32_t destination = 0;
    std::size_t which = 0;  ///< Index into `VisionFamily::constant_rows`.
  };

  TilePixels pixels;
  int tokens = 0;
  std::vector<Tile> tiles;
  std::vector<Constant> constants;
  std::vector<text::TokenId> instruction;  ///< For the Q-Former.
};

/// A tile of a picture in the chunk that is being encoded.
struct ChunkTile {
  std::shared_ptr<PreparedPicture> picture;
  int tile = 0;
  ImageRows* rows = nullptr;  ///< Where the picture's rows are collected.
};

/// Where a row that the graph gives belongs.
struct RowTarget {
  std::size_t chunk_tile = 0;
  std::int32_t destination = 0;
};

/// What the model families do differently: from a picture to tiles, and from the tower's features to rows of the
/// language model. Immutable once made.
class VisionFamily {
 public:
  VisionFamily() = default;
  virtual ~VisionFamily() = default;
  VisionFamily(const VisionFamily&) = delete;
  VisionFamily& operator=(const VisionFamily&) = delete;

  [[nodiscard]] virtual Result<int> image_tokens(int width_px, int height_px) const = 0;
  /// What is wrong with the instruction. Errors: kInput.
  [[nodiscard]] virtual Status check_instruction(const std::string& instruction) const = 0;
  [[nodiscard]] virtual Result<PreparedPicture> prepare(const Image& picture, const std::string& instruction) const = 0;

  /// Rows of width `language width` for `PreparedPicture::Constant::which`.
  [[nodiscard]] const std::vector<std::vector<float>>& constant_rows() const { return constant_rows_; }

  /// Upper bound of the nodes that `build` adds.
  [[nodiscard]] virtual std::size_t graph_nodes() const = 0;

  /// Adds to a graph what follows the tower. `features`: f32 [feature width, tokens, tiles]; the result is f32
  /// [language width, rows], and `targets` names the place of each row.
  virtual ggml_tensor* build(ggml_context* graph, ggml_tensor* features, std::span<const ChunkTile> chunk,
                             tensor::GraphValues& values, std::vector<RowTarget>& targets) const = 0;

 protected:
  std::vector<std::vector<float>> constant_rows_;
};

}  // namespace cinescribe::captions
