#include "cinescribe/captions/anyres.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

namespace cinescribe::captions {
namespace {

std::string size_text(int width, int height) { return std::to_string(width) + " x " + std::to_string(height); }

/// Python's int(round(x, 7)): decimal rounding guards products such as 26.9999999999.
int truncate_rounded(double x) {
  std::array<char, 64> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), x, std::chars_format::fixed, 7);
  double rounded = x;
  std::from_chars(text.data(), written.ptr, rounded);
  return static_cast<int>(rounded);
}

void place_content(int width, int height, AnyresPlan& plan) {
  const double scale_x = static_cast<double>(plan.canvas_width) / width;
  const double scale_y = static_cast<double>(plan.canvas_height) / height;
  if (scale_x < scale_y) {
    plan.content_width = plan.canvas_width;
    plan.content_height = static_cast<int>(std::min<double>(std::ceil(height * scale_x), plan.canvas_height));
  } else {
    plan.content_height = plan.canvas_height;
    plan.content_width = static_cast<int>(std::min<double>(std::ceil(width * scale_y), plan.canvas_width));
  }
  plan.pad_top = (plan.canvas_height - plan.content_height) / 2;
  plan.pad_bottom = plan.canvas_height - plan.content_height - plan.pad_top;
  plan.pad_left = (plan.canvas_width - plan.content_width) / 2;
  plan.pad_right = plan.canvas_width - plan.content_width - plan.pad_left;
}

/// Unpads by the picture's size, not by the pixels' padding: the two need not agree.
void keep_cells(int width, int height, AnyresPlan& plan) {
  const int rows = plan.grid_rows() * plan.shape.patches();
  const int columns = plan.grid_columns() * plan.shape.patches();
  plan.kept_rows = rows;
  plan.kept_columns = columns;
  if (static_cast<double>(width) / height > static_cast<double>(columns) / rows) {
    const int content = truncate_rounded(height * (static_cast<double>(columns) / width));
    plan.kept_top = std::max(rows - content, 0) / 2;
    plan.kept_rows = rows - 2 * plan.kept_top;
  } else {
    const int content = truncate_rounded(width * (static_cast<double>(rows) / height));
    plan.kept_left = std::max(columns - content, 0) / 2;
    plan.kept_columns = columns - 2 * plan.kept_left;
  }
}

Status check_pinpoints(const TileShape& shape, const tensor::PixelCard& card) {
  if (card.pinpoints_hw.empty()) return Error{ErrorCode::kModel, "the model lists no image_grid_pinpoints"};
  for (const auto& [height, width] : card.pinpoints_hw) {
    const bool is_whole = height > 0 && width > 0 && height % shape.tile_px == 0 && width % shape.tile_px == 0;
    if (!is_whole || static_cast<std::int64_t>(height) * width > (std::int64_t{1} << 27)) {
      return Error{ErrorCode::kModel, "pinpoint (height " + std::to_string(height) + ", width " +
                                          std::to_string(width) + ") is not made of whole tiles of " +
                                          std::to_string(shape.tile_px) + " px, or is too large"};
    }
  }
  return {};
}

}  // namespace

std::array<int, 2> select_best_resolution(int width, int height, std::span<const std::array<int, 2>> pinpoints_hw) {
  std::array<int, 2> best = pinpoints_hw.front();
  std::int64_t best_area = 0;
  std::int64_t least_waste = std::numeric_limits<std::int64_t>::max();
  for (const auto& pinpoint : pinpoints_hw) {
    const double scale = std::min(static_cast<double>(pinpoint[1]) / width, static_cast<double>(pinpoint[0]) / height);
    const auto scaled_width = static_cast<std::int64_t>(width * scale);
    const auto scaled_height = static_cast<std::int64_t>(height * scale);
    const std::int64_t area = std::min(scaled_width * scaled_height, static_cast<std::int64_t>(width) * height);
    const std::int64_t waste = static_cast<std::int64_t>(pinpoint[0]) * pinpoint[1] - area;
    if (area > best_area || (area == best_area && waste < least_waste)) {
      best_area = area;
      least_waste = waste;
      best = pinpoint;
    }
  }
  return best;
}

Result<AnyresPlan> plan_anyres(int width, int height, const TileShape& shape, const tensor::PixelCard& card,
                               bool is_low_detail) {
  if (width < 1 || height < 1) {
    return Error{ErrorCode::kInput, "a picture of " + size_text(width, height) + " pixels cannot be shown to a model"};
  }
  if (shape.patch_px < 1 || shape.tile_px < shape.patch_px) {
    return Error{ErrorCode::kModel, "a tile of " + std::to_string(shape.tile_px) + " px holds no patch of " +
                                        std::to_string(shape.patch_px) + " px"};
  }
  AnyresPlan plan;
  plan.shape = shape;
  plan.picture_width = width;
  plan.picture_height = height;
  if (is_low_detail) return plan;
  CINESCRIBE_TRY(check_pinpoints(shape, card));
  const auto canvas = select_best_resolution(width, height, card.pinpoints_hw);
  plan.canvas_height = canvas[0];
  plan.canvas_width = canvas[1];
  place_content(width, height, plan);
  keep_cells(width, height, plan);
  return plan;
}

Result<TilePixels> anyres_tiles(const Image& picture, const AnyresPlan& plan, const tensor::PixelCard& card) {
  CINESCRIBE_TRY(check_picture(picture, plan.picture_width, plan.picture_height));
  CINESCRIBE_ASSIGN(const image::PassOrder order, image::pass_order_from_name(card.resize_order));
  const int size = plan.shape.tile_px;
  const auto filter = image::PillowFilter::kBicubic;
  const PixelTable table(card, ByteScale::kRescaleFactor);
  TilePixels tiles(plan.tiles(), size);
  table.write_square(image::resize_pillow(picture, size, size, filter, order), 0, 0, size, tiles.tile(0));
  if (!plan.has_grid()) return tiles;

  const Image content = image::resize_pillow(picture, plan.content_width, plan.content_height, filter, order);
  Image canvas(plan.canvas_width, plan.canvas_height, 3);
  for (int y = 0; y < content.height; ++y) {
    std::copy_n(content.row(y), content.stride_bytes(), canvas.row(plan.pad_top + y) + plan.pad_left * 3);
  }
  int tile = 1;
  for (int top = 0; top < canvas.height; top += size) {
    for (int left = 0; left < canvas.width; left += size) {
      table.write_square(canvas, left, top, size, tiles.tile(tile++));
    }
  }
  return tiles;
}

std::vector<std::int32_t> anyres_rows(const AnyresPlan& plan, std::int32_t first_row, std::int32_t newline_row) {
  const int side = plan.shape.patches();
  const int per_tile = side * side;
  std::vector<std::int32_t> rows;
  rows.reserve(static_cast<std::size_t>(plan.tokens()));
  for (int i = 0; i < per_tile; ++i) rows.push_back(first_row + i);
  if (!plan.has_grid()) return rows;
  for (int r = plan.kept_top; r < plan.kept_top + plan.kept_rows; ++r) {
    for (int c = plan.kept_left; c < plan.kept_left + plan.kept_columns; ++c) {
      const int tile = 1 + (r / side) * plan.grid_columns() + c / side;
      rows.push_back(first_row + tile * per_tile + (r % side) * side + c % side);
    }
    rows.push_back(newline_row);
  }
  return rows;
}

}  // namespace cinescribe::captions
