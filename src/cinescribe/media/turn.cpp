#include "cinescribe/media/turn.h"

#include <algorithm>

namespace cinescribe::media {

void turn_24bit(const std::uint8_t* source, std::ptrdiff_t source_stride, int width, int height, int degrees,
                std::uint8_t* target, std::ptrdiff_t target_stride) {
  // Where source pixel (x, y) goes: origin + x * step_x + y * step_y.
  std::uint8_t* origin = target;
  std::ptrdiff_t step_x = 3;
  std::ptrdiff_t step_y = target_stride;
  if (degrees == 90) {
    origin = target + std::ptrdiff_t{3} * (height - 1);
    step_x = target_stride;
    step_y = -3;
  } else if (degrees == 180) {
    origin = target + target_stride * (height - 1) + std::ptrdiff_t{3} * (width - 1);
    step_x = -3;
    step_y = -target_stride;
  } else if (degrees == 270) {
    origin = target + target_stride * (width - 1);
    step_x = -target_stride;
    step_y = 3;
  }
  constexpr int kTile = 32;  // both sides of a tile stay in the first cache
  for (int top = 0; top < height; top += kTile) {
    const int bottom = std::min(height, top + kTile);
    for (int left = 0; left < width; left += kTile) {
      const int right = std::min(width, left + kTile);
      for (int y = top; y < bottom; ++y) {
        const std::uint8_t* from = source + source_stride * y + std::ptrdiff_t{3} * left;
        std::uint8_t* to = origin + step_y * y + step_x * left;
        for (int x = left; x < right; ++x, from += 3, to += step_x) {
          to[0] = from[0];
          to[1] = from[1];
          to[2] = from[2];
        }
      }
    }
  }
}

}  // namespace cinescribe::media
