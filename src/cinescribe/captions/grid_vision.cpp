#include "cinescribe/captions/grid_vision.h"

#include <utility>

#include <ggml.h>

namespace cinescribe::captions {
namespace {

constexpr std::int32_t kClassTokens = 1;

/// Rows of the flattened features: `patches[i]` of every tile behind its class token.
ggml_tensor* gather(ggml_context* graph, ggml_tensor* features, std::vector<std::int32_t> rows,
                    tensor::GraphValues& values) {
  const auto count = static_cast<std::int64_t>(rows.size());
  ggml_tensor* flat = ggml_reshape_2d(graph, features, features->ne[0], features->ne[1] * features->ne[2]);
  return ggml_get_rows(graph, flat, values.indices(graph, std::move(rows), {count}));
}

}  // namespace

void GridVision::assign_tokens(std::span<const std::int32_t> rows, PreparedPicture& picture) const {
  const auto step = static_cast<std::size_t>(patches_per_token_);
  const std::int32_t per_tile = patches_per_tile();
  const std::int32_t all_tiles = picture.pixels.count * per_tile;
  picture.tokens = static_cast<int>(rows.size() / step);
  picture.tiles.resize(static_cast<std::size_t>(picture.pixels.count));
  for (std::int32_t token = 0; token < picture.tokens; ++token) {
    const auto patches = rows.subspan(static_cast<std::size_t>(token) * step, step);
    if (patches.front() >= all_tiles) {
      const auto which = static_cast<std::size_t>(patches.front() - all_tiles) / step;
      picture.constants.push_back({token, which});
      continue;
    }
    auto& tile = picture.tiles[static_cast<std::size_t>(patches.front() / per_tile)];
    tile.destinations.push_back(token);
    for (const std::int32_t row : patches) tile.patches.push_back(row % per_tile);
  }
}

ggml_tensor* GridVision::build(ggml_context* graph, ggml_tensor* features, std::span<const ChunkTile> chunk,
                               tensor::GraphValues& values, std::vector<RowTarget>& targets) const {
  const std::int32_t tokens_per_tile = kClassTokens + patches_per_tile();
  std::vector<std::int32_t> rows;
  for (std::size_t i = 0; i < chunk.size(); ++i) {
    const auto& tile = chunk[i].picture->tiles[static_cast<std::size_t>(chunk[i].tile)];
    const std::int32_t first = static_cast<std::int32_t>(i) * tokens_per_tile + kClassTokens;
    for (const std::int32_t patch : tile.patches) rows.push_back(first + patch);
    for (const std::int32_t destination : tile.destinations) targets.push_back({i, destination});
  }
  if (values.is_tapped()) {
    std::vector<std::int32_t> all;
    for (std::int32_t i = 0; i < static_cast<std::int32_t>(chunk.size()) * tokens_per_tile; ++i) {
      if (i % tokens_per_tile >= kClassTokens) all.push_back(i);
    }
    ggml_tensor* patches = gather(graph, features, std::move(all), values);
    values.tap("features", patches);
    if (patches_per_token_ == 1) projector_.build(graph, patches, values);
  }
  if (rows.empty()) rows.resize(static_cast<std::size_t>(patches_per_token_));  // graphs have no empty tensors
  // Only what becomes a token is projected: patches that padded the canvas are left out here.
  ggml_tensor* used = gather(graph, features, std::move(rows), values);
  used = ggml_reshape_2d(graph, used, used->ne[0] * patches_per_token_, used->ne[1] / patches_per_token_);
  tensor::GraphValues untapped(false);
  return projector_.build(graph, used, untapped);
}

}  // namespace cinescribe::captions
