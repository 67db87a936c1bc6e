#include "cinescribe/media/geometry.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "cinescribe/media/av.h"

namespace cinescribe::media {

bool is_sane_size(int width, int height) {
  return width > 0 && height > 0 && width <= kMaxSidePx && height <= kMaxSidePx &&
         static_cast<std::int64_t>(width) * height <= kMaxPixels;
}

PixelSize square_pixel_size(PixelSize stored, Rational sample_aspect) {
  if (!sample_aspect.is_known()) return stored;
  const double ratio = sample_aspect.value();
  if (ratio > 16.0 || ratio < 1.0 / 16.0) return stored;
  const PixelSize shown{std::max(1, static_cast<int>(std::lround(stored.width * ratio))), stored.height};
  return is_sane_size(shown.width, shown.height) ? shown : stored;
}

PixelSize scaled_to_short_side(PixelSize size, int short_side_px) {
  if (short_side_px <= 0 || size.width <= 0 || size.height <= 0) return size;
  double scale = static_cast<double>(short_side_px) / std::min(size.width, size.height);
  scale = std::min(scale, static_cast<double>(kMaxSidePx) / std::max(size.width, size.height));
  const double pixels = static_cast<double>(size.width) * size.height;
  scale = std::min(scale, std::sqrt(static_cast<double>(kMaxPixels) * 0.99 / pixels));
  return {std::max(1, static_cast<int>(std::lround(size.width * scale))),
          std::max(1, static_cast<int>(std::lround(size.height * scale)))};
}

PixelSize turned(PixelSize size, int rotation_degrees) {
  if (rotation_degrees == 90 || rotation_degrees == 270) return {size.height, size.width};
  return size;
}

}  // namespace cinescribe::media
