#include "cinescribe/image/resize_pillow.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cinescribe/image/resize_loops.h"

namespace cinescribe::image {
namespace {

constexpr std::size_t kStripRows = 16;  // rows of the horizontal pass that are worked on together

double triangle(double x) {
  x = std::abs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

double cubic(double x) {
  constexpr double kA = -0.5;
  x = std::abs(x);
  if (x < 1.0) return ((kA + 2.0) * x - (kA + 3.0)) * x * x + 1.0;
  if (x < 2.0) return (((x - 5.0) * x + 8.0) * x - 4.0) * kA;
  return 0.0;
}

/// What one axis of the target is made of: target i = sources first[i] ... weighted by weights[begin[i]] ...
struct Axis {
  std::vector<int> first;
  std::vector<std::size_t> begin;  ///< One more than targets.
  std::vector<std::int32_t> weights;

  [[nodiscard]] int taps(std::size_t i) const { return static_cast<int>(begin[i + 1] - begin[i]); }
};

std::int32_t to_fixed_point(double weight) {
  const double scaled = weight * (1 << kResizeWeightBits);
  return static_cast<std::int32_t>(weight < 0.0 ? scaled - 0.5 : scaled + 0.5);
}

Axis make_axis(int source_px, int target_px, PillowFilter filter) {
  const bool is_bicubic = filter == PillowFilter::kBicubic;
  const double scale = static_cast<double>(source_px) / target_px;
  const double widening = std::max(scale, 1.0);
  const double support = (is_bicubic ? 2.0 : 1.0) * widening;
  const double narrowing = 1.0 / widening;
  Axis axis;
  axis.begin.push_back(0);
  std::vector<double> exact;
  for (int i = 0; i < target_px; ++i) {
    const double centre = (i + 0.5) * scale;
    const int from = std::max(static_cast<int>(centre - support + 0.5), 0);
    const int to = std::min(static_cast<int>(centre + support + 0.5), source_px);
    exact.clear();
    double sum = 0.0;
    for (int s = from; s < to; ++s) {
      const double distance = (s - centre + 0.5) * narrowing;
      exact.push_back(is_bicubic ? cubic(distance) : triangle(distance));
      sum += exact.back();
    }
    for (const double weight : exact) axis.weights.push_back(to_fixed_point(sum != 0.0 ? weight / sum : weight));
    axis.first.push_back(from);
    axis.begin.push_back(axis.weights.size());
  }
  return axis;
}

/// out[column * rows + row] = in[row * row_stride + column].
void transpose(const std::uint8_t* in, std::size_t row_stride, std::size_t rows, std::size_t columns,
               std::uint8_t* out) {
  for (std::size_t column = 0; column < columns; ++column) {
    for (std::size_t row = 0; row < rows; ++row) *out++ = in[row * row_stride + column];
  }
}

/// Rows become columns strip by strip, so that both passes run the same loop over neighbouring bytes.
Image resize_width(const Image& source, int width, PillowFilter filter) {
  const Axis axis = make_axis(source.width, width, filter);
  const WeightedRows weigh = weighted_rows();
  Image target(width, source.height, source.channels);
  const std::size_t source_bytes = source.stride_bytes();
  const std::size_t target_bytes = target.stride_bytes();
  std::vector<std::uint8_t> columns(source_bytes * kStripRows);
  std::vector<std::uint8_t> resized(target_bytes * kStripRows);
  for (int y = 0; y < source.height; y += static_cast<int>(kStripRows)) {
    const std::size_t rows = std::min(kStripRows, static_cast<std::size_t>(source.height - y));
    const std::size_t lanes = rows * static_cast<std::size_t>(source.channels);
    transpose(source.row(y), source_bytes, rows, source_bytes, columns.data());
    for (std::size_t x = 0; x < axis.first.size(); ++x) {
      weigh(lanes, axis.taps(x), columns.data() + static_cast<std::size_t>(axis.first[x]) * lanes,
            static_cast<std::ptrdiff_t>(lanes), axis.weights.data() + axis.begin[x], resized.data() + x * lanes);
    }
    transpose(resized.data(), rows, target_bytes, rows, target.row(y));
  }
  return target;
}

Image resize_height(const Image& source, int height, PillowFilter filter) {
  const Axis axis = make_axis(source.height, height, filter);
  const WeightedRows weigh = weighted_rows();
  Image target(source.width, height, source.channels);
  const std::size_t row_bytes = source.stride_bytes();
  for (int y = 0; y < height; ++y) {
    const auto i = static_cast<std::size_t>(y);
    weigh(row_bytes, axis.taps(i), source.row(axis.first[i]), static_cast<std::ptrdiff_t>(row_bytes),
          axis.weights.data() + axis.begin[i], target.row(y));
  }
  return target;
}

}  // namespace

Result<PassOrder> pass_order_from_name(std::string_view name) {
  if (name == "horizontal_first") return PassOrder::kHorizontalFirst;
  if (name == "pillow13") return PassOrder::kPillow13;
  return Error{ErrorCode::kModel, "resize_order \"" + std::string(name) +
                                      "\" is not known; write \"horizontal_first\" or \"pillow13\" into model.json"};
}

bool is_vertical_first(PassOrder order, int source_width, int source_height, int target_width, int target_height) {
  const std::int64_t narrower = static_cast<std::int64_t>(source_width) - target_width;
  const std::int64_t lower = static_cast<std::int64_t>(source_height) - target_height;
  return order == PassOrder::kPillow13 && lower > 0 && lower > 2 * narrower;
}

Image resize_pillow(const Image& source, int width, int height, PillowFilter filter, PassOrder order) {
  const bool is_width_changed = width != source.width;
  const bool is_height_changed = height != source.height;
  if (!is_width_changed && !is_height_changed) return source;
  if (!is_height_changed) return resize_width(source, width, filter);
  if (!is_width_changed) return resize_height(source, height, filter);
  if (is_vertical_first(order, source.width, source.height, width, height)) {
    return resize_width(resize_height(source, height, filter), width, filter);
  }
  return resize_height(resize_width(source, width, filter), height, filter);
}

}  // namespace cinescribe::image
