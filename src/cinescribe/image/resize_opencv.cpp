#include "cinescribe/image/resize_opencv.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace cinescribe::image {
namespace {

constexpr float kWeightScale = 2048.0F;

/// OpenCV derives the scale from the inverse scale; the last bit of the quotient matters.
double source_per_target(int source_px, int target_px) {
  return 1.0 / (static_cast<double>(target_px) / static_cast<double>(source_px));
}

std::int16_t to_weight(float fraction) { return static_cast<std::int16_t>(std::lrintf(fraction * kWeightScale)); }

int clamp_to(int value, int size) { return std::clamp(value, 0, size - 1); }

bool is_whole(double scale) { return std::abs(scale - std::rint(scale)) < std::numeric_limits<double>::epsilon(); }

/// Where INTER_AREA reads when it enlarges.
std::vector<LinearTap> area_taps(int source_px, int target_px, bool clamp_weights) {
  const double inverse = static_cast<double>(target_px) / static_cast<double>(source_px);
  const double scale = 1.0 / inverse;
  std::vector<LinearTap> taps(static_cast<std::size_t>(target_px));
  for (int i = 0; i < target_px; ++i) {
    int index = static_cast<int>(std::floor(i * scale));
    auto fraction = static_cast<float>((i + 1) - (index + 1) * inverse);
    fraction = fraction <= 0.0F ? 0.0F : fraction - std::floor(fraction);
    if (clamp_weights && index >= source_px - 1) {
      fraction = 0.0F;
      index = source_px - 1;
    }
    taps[static_cast<std::size_t>(i)] = {clamp_to(index, source_px), clamp_to(index + 1, source_px),
                                         to_weight(1.0F - fraction), to_weight(fraction)};
  }
  return taps;
}

std::vector<LinearTap> linear_taps(int source_px, int target_px, bool clamp_weights) {
  const double scale = source_per_target(source_px, target_px);
  std::vector<LinearTap> taps(static_cast<std::size_t>(target_px));
  for (int i = 0; i < target_px; ++i) {
    auto fraction = static_cast<float>((i + 0.5) * scale - 0.5);
    int index = static_cast<int>(std::floor(fraction));
    fraction -= static_cast<float>(index);
    if (clamp_weights && index < 0) {
      fraction = 0.0F;
      index = 0;
    }
    if (clamp_weights && index >= source_px - 1) {
      fraction = 0.0F;
      index = source_px - 1;
    }
    taps[static_cast<std::size_t>(i)] = {clamp_to(index, source_px), clamp_to(index + 1, source_px),
                                         to_weight(1.0F - fraction), to_weight(fraction)};
  }
  return taps;
}

/// One source row stretched horizontally, in 1/2048.
void stretch_row(const std::uint8_t* row, const std::vector<LinearTap>& taps, int channels, std::int32_t* target) {
  for (const LinearTap& tap : taps) {
    const std::uint8_t* first = row + static_cast<std::ptrdiff_t>(tap.first) * channels;
    const std::uint8_t* second = row + static_cast<std::ptrdiff_t>(tap.second) * channels;
    for (int c = 0; c < channels; ++c) *target++ = first[c] * tap.first_weight + second[c] * tap.second_weight;
  }
}

Image blend(const Image& source, const std::vector<LinearTap>& xs, const std::vector<LinearTap>& ys) {
  Image target(static_cast<int>(xs.size()), static_cast<int>(ys.size()), source.channels);
  const std::size_t row_values = target.stride_bytes();
  std::vector<std::int32_t> first(row_values);
  std::vector<std::int32_t> second(row_values);
  for (int y = 0; y < target.height; ++y) {
    const LinearTap& tap = ys[static_cast<std::size_t>(y)];
    stretch_row(source.row(tap.first), xs, source.channels, first.data());
    stretch_row(source.row(tap.second), xs, source.channels, second.data());
    std::uint8_t* out = target.row(y);
    // OpenCV's vector code truncates twice here; the textbook rounding of the full product gives other values.
    for (std::size_t i = 0; i < row_values; ++i) {
      const int sum = ((tap.first_weight * (first[i] >> 4)) >> 16) + ((tap.second_weight * (second[i] >> 4)) >> 16);
      out[i] = static_cast<std::uint8_t>(std::clamp((sum + 2) >> 2, 0, 255));
    }
  }
  return target;
}

/// Means of whole blocks of pixels.
Image block_means(const Image& source, int width, int height) {
  const int step_x = source.width / width;
  const int step_y = source.height / height;
  const int area = step_x * step_y;
  const float scale = 1.0F / static_cast<float>(area);
  const bool is_2x2 = step_x == 2 && step_y == 2;
  Image target(width, height, source.channels);
  for (int y = 0; y < height; ++y) {
    std::uint8_t* out = target.row(y);
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < source.channels; ++c) {
        int sum = 0;
        for (int dy = 0; dy < step_y; ++dy) {
          const std::uint8_t* row = source.row(y * step_y + dy);
          for (int dx = 0; dx < step_x; ++dx) sum += row[(x * step_x + dx) * source.channels + c];
        }
        *out++ = static_cast<std::uint8_t>(is_2x2 ? (sum + 2) >> 2 : std::lrintf(static_cast<float>(sum) * scale));
      }
    }
  }
  return target;
}

/// One source pixel's share of one target pixel.
struct AreaShare {
  int source = 0;
  int target = 0;
  float weight = 0.0F;
};

std::vector<AreaShare> area_shares(int source_px, int target_px) {
  const double scale = source_per_target(source_px, target_px);
  std::vector<AreaShare> shares;
  for (int i = 0; i < target_px; ++i) {
    const double from = i * scale;
    const double to = from + scale;
    const double cell = std::min(scale, source_px - from);
    int first = static_cast<int>(std::ceil(from));
    const int last = std::min(static_cast<int>(std::floor(to)), source_px - 1);
    first = std::min(first, last);
    if (first - from > 1e-3) shares.push_back({first - 1, i, static_cast<float>((first - from) / cell)});
    for (int s = first; s < last; ++s) shares.push_back({s, i, static_cast<float>(1.0 / cell)});
    if (to - last > 1e-3) {
      shares.push_back({last, i, static_cast<float>(std::min(std::min(to - last, 1.0), cell) / cell)});
    }
  }
  return shares;
}

/// Means of areas with fractional borders, in OpenCV's order of float operations.
Image area_means(const Image& source, int width, int height) {
  const std::vector<AreaShare> xs = area_shares(source.width, width);
  const std::vector<AreaShare> ys = area_shares(source.height, height);
  const int channels = source.channels;
  Image target(width, height, channels);
  std::vector<float> line(target.stride_bytes());
  std::vector<float> sum(target.stride_bytes(), 0.0F);
  for (std::size_t k = 0; k < ys.size(); ++k) {
    std::fill(line.begin(), line.end(), 0.0F);
    const std::uint8_t* row = source.row(ys[k].source);
    for (const AreaShare& x : xs) {
      for (int c = 0; c < channels; ++c) {
        line[static_cast<std::size_t>(x.target) * static_cast<std::size_t>(channels) + static_cast<std::size_t>(c)] +=
            static_cast<float>(row[x.source * channels + c]) * x.weight;
      }
    }
    const bool starts_row = k == 0 || ys[k - 1].target != ys[k].target;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const float part = ys[k].weight * line[i];
      sum[i] = starts_row ? part : sum[i] + part;
    }
    if (k + 1 == ys.size() || ys[k + 1].target != ys[k].target) {
      std::uint8_t* out = target.row(ys[k].target);
      for (std::size_t i = 0; i < sum.size(); ++i) {
        out[i] = static_cast<std::uint8_t>(std::clamp(std::lrintf(sum[i]), 0L, 255L));
      }
    }
  }
  return target;
}

}  // namespace

std::vector<LinearTap> opencv_linear_taps_x(int source_px, int target_px) {
  return linear_taps(source_px, target_px, true);
}

std::vector<LinearTap> opencv_linear_taps_y(int source_px, int target_px) {
  return linear_taps(source_px, target_px, false);
}

bool opencv_linear_is_mean_2x2(int source_width, int source_height, int target_width, int target_height) {
  return source_width == 2 * target_width && source_height == 2 * target_height;
}

Image resize_opencv_linear(const Image& source, int width, int height) {
  if (width == source.width && height == source.height) return source;
  if (opencv_linear_is_mean_2x2(source.width, source.height, width, height)) return block_means(source, width, height);
  return blend(source, opencv_linear_taps_x(source.width, width), opencv_linear_taps_y(source.height, height));
}

Image resize_opencv_area(const Image& source, int width, int height) {
  if (width == source.width && height == source.height) return source;
  const double scale_x = source_per_target(source.width, width);
  const double scale_y = source_per_target(source.height, height);
  if (scale_x < 1.0 || scale_y < 1.0) {
    return blend(source, area_taps(source.width, width, true), area_taps(source.height, height, false));
  }
  if (is_whole(scale_x) && is_whole(scale_y)) return block_means(source, width, height);
  return area_means(source, width, height);
}

}  // namespace cinescribe::image
