#include "cinescribe/captions/hd_transform.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>

namespace cinescribe::captions {
namespace {

constexpr int kMaxCrops = 256;

Image transposed(const Image& source) {
  Image target(source.height, source.width, source.channels);
  for (int y = 0; y < target.height; ++y) {
    std::uint8_t* out = target.row(y);
    for (int x = 0; x < target.width; ++x) {
      for (int c = 0; c < source.channels; ++c) *out++ = source.row(x)[y * source.channels + c];
    }
  }
  return target;
}

Image padded_white(const Image& source, int top, int bottom) {
  Image target(source.width, source.height + top + bottom, source.channels);
  std::fill(target.pixels.begin(), target.pixels.end(), std::uint8_t{255});
  std::copy(source.pixels.begin(), source.pixels.end(), target.row(top));
  return target;
}

/// Torch's bicubic weights at fraction t behind the second of four taps.
std::array<float, 4> cubic_weights(float t) {
  constexpr float kA = -0.75F;
  const auto near = [](float x) { return ((kA + 2.0F) * x - (kA + 3.0F)) * x * x + 1.0F; };
  const auto far = [](float x) { return ((kA * x - 5.0F * kA) * x + 8.0F * kA) * x - 4.0F * kA; };
  return {far(t + 1.0F), near(t), near(1.0F - t), far(2.0F - t)};
}

struct CubicTap {
  std::array<int, 4> source{};
  std::array<float, 4> weight{};
};

std::vector<CubicTap> cubic_taps(int source_px, int target_px) {
  const float scale = static_cast<float>(source_px) / static_cast<float>(target_px);
  std::vector<CubicTap> taps;
  for (int i = 0; i < target_px; ++i) {
    const float at = scale * (static_cast<float>(i) + 0.5F) - 0.5F;
    const float floor = std::floor(at);
    CubicTap tap;
    tap.weight = cubic_weights(at - floor);
    for (int k = 0; k < 4; ++k) {
      tap.source[static_cast<std::size_t>(k)] = std::clamp(static_cast<int>(floor) - 1 + k, 0, source_px - 1);
    }
    taps.push_back(tap);
  }
  return taps;
}

/// torch.nn.functional.interpolate(mode="bicubic") of the normalised picture, which is never stored as a whole.
void write_global_view(const Image& hd, const PixelTable& table, int size_px, std::span<float> out) {
  const std::vector<CubicTap> xs = cubic_taps(hd.width, size_px);
  const std::vector<CubicTap> ys = cubic_taps(hd.height, size_px);
  const auto size = static_cast<std::size_t>(size_px);
  for (std::size_t c = 0; c < 3; ++c) {
    const auto& value = table.channel(c);
    for (std::size_t y = 0; y < size; ++y) {
      float* row = out.data() + (c * size + y) * size;
      for (std::size_t x = 0; x < size; ++x) {
        float sum = 0.0F;
        for (std::size_t k = 0; k < 4; ++k) {
          const std::uint8_t* pixels = hd.row(ys[y].source[k]) + c;
          float line = 0.0F;
          for (std::size_t j = 0; j < 4; ++j) line += value[pixels[xs[x].source[j] * 3]] * xs[x].weight[j];
          sum += line * ys[y].weight[k];
        }
        row[x] = sum;
      }
    }
  }
}

/// Writes the token rows of an area of `tile_rows` × `tile_columns` tiles that begins at tile `first_tile`.
class TokenRows {
 public:
  TokenRows(const HdPlan& plan, std::int32_t first_row, const HdSeparatorRows& separators)
      : side_(plan.shape.patches()), first_row_(first_row), separators_(separators) {
    rows_.reserve(static_cast<std::size_t>(plan.tokens()) * 4);
  }

  void add_area(int first_tile, int tile_rows, int tile_columns) {
    for (int y = 0; y < tile_rows * side_; y += 2) {
      for (int x = 0; x < tile_columns * side_; x += 2) {
        for (const auto& [dy, dx] : {std::array{0, 0}, std::array{0, 1}, std::array{1, 0}, std::array{1, 1}}) {
          const int tile = first_tile + (y / side_) * tile_columns + x / side_;
          rows_.push_back(first_row_ + (tile * side_ + y % side_ + dy) * side_ + x % side_ + dx);
        }
      }
      add_separator(separators_.sub_newline);
    }
  }

  void add_global_separator() { add_separator(separators_.global_separator); }

  std::vector<std::int32_t> take() { return std::move(rows_); }

 private:
  void add_separator(std::int32_t first) {
    for (std::int32_t k = 0; k < 4; ++k) rows_.push_back(first + k);
  }

  int side_;
  std::int32_t first_row_;
  HdSeparatorRows separators_;
  std::vector<std::int32_t> rows_;
};

}  // namespace

Result<HdPlan> plan_hd(int width, int height, const TileShape& shape, int num_crops) {
  const std::string size = std::to_string(width) + " x " + std::to_string(height);
  if (width < 1 || height < 1) {
    return Error{ErrorCode::kInput, "a picture of " + size + " pixels cannot be shown to a model"};
  }
  if (num_crops < 1 || num_crops > kMaxCrops) {
    return Error{ErrorCode::kModel,
                 "num_crops is " + std::to_string(num_crops) + "; it must be 1 to " + std::to_string(kMaxCrops)};
  }
  if (shape.patch_px < 1 || shape.patches() < 2 || shape.patches() % 2 != 0) {
    return Error{ErrorCode::kModel, "a tile of " + std::to_string(shape.tile_px) + " px with patches of " +
                                        std::to_string(shape.patch_px) + " px cannot be merged by 2 x 2 patches"};
  }
  HdPlan plan;
  plan.shape = shape;
  plan.picture_width = width;
  plan.picture_height = height;
  plan.is_transposed = width < height;
  const double ratio = static_cast<double>(std::max(width, height)) / std::min(width, height);
  int scale = 1;
  while (scale * std::ceil(scale / ratio) <= num_crops) ++scale;
  --scale;
  plan.resized_width = scale * shape.tile_px;
  plan.resized_height = static_cast<int>(plan.resized_width / ratio);
  if (plan.resized_height < 1) {
    return Error{ErrorCode::kInput, "a picture of " + size + " pixels is too thin: scaled to " +
                                        std::to_string(plan.resized_width) +
                                        " px nothing is left of its shorter side; crop it or raise --num-crops"};
  }
  const int lower = (plan.resized_height + shape.tile_px - 1) / shape.tile_px * shape.tile_px;
  plan.pad_top = (lower - plan.resized_height) / 2;
  plan.pad_bottom = lower - plan.resized_height - plan.pad_top;
  plan.width = plan.is_transposed ? lower : plan.resized_width;
  plan.height = plan.is_transposed ? plan.resized_width : lower;
  return plan;
}

Result<Image> hd_picture(const Image& picture, const HdPlan& plan, const tensor::PixelCard& card) {
  CINESCRIBE_TRY(check_picture(picture, plan.picture_width, plan.picture_height));
  CINESCRIBE_ASSIGN(const image::PassOrder order, image::pass_order_from_name(card.resize_order));
  const auto scaled = [&](const Image& source) {
    return padded_white(
        image::resize_pillow(source, plan.resized_width, plan.resized_height, image::PillowFilter::kBilinear, order),
        plan.pad_top, plan.pad_bottom);
  };
  return plan.is_transposed ? transposed(scaled(transposed(picture))) : scaled(picture);
}

TilePixels hd_tiles(const Image& hd, const HdPlan& plan, const tensor::PixelCard& card) {
  const PixelTable table(card, ByteScale::kDivideBy255);
  const int size = plan.shape.tile_px;
  TilePixels tiles(plan.tiles(), size);
  write_global_view(hd, table, size, tiles.tile(0));
  int tile = 1;
  for (int top = 0; top < plan.height; top += size) {
    for (int left = 0; left < plan.width; left += size) table.write_square(hd, left, top, size, tiles.tile(tile++));
  }
  return tiles;
}

Result<std::vector<std::int32_t>> hd_rows(const HdPlan& plan, const std::string& order, std::int32_t first_row,
                                          const HdSeparatorRows& separators) {
  if (order != "sub_glb" && order != "glb_sub") {
    return Error{ErrorCode::kModel, "hd_order \"" + order + "\" is not known; it is \"sub_glb\" or \"glb_sub\""};
  }
  TokenRows rows(plan, first_row, separators);
  if (order == "sub_glb") {
    rows.add_area(1, plan.grid_rows(), plan.grid_columns());
    rows.add_global_separator();
    rows.add_area(0, 1, 1);
  } else {
    rows.add_area(0, 1, 1);
    rows.add_global_separator();
    rows.add_area(1, plan.grid_rows(), plan.grid_columns());
  }
  return rows.take();
}

}  // namespace cinescribe::captions
