#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "cinescribe/core/image.h"

namespace cinescribe::image::testing {

/// RGB without sharp edges, different in every channel.
inline Image smooth_picture(int width, int height) {
  Image picture(width, height, 3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      std::uint8_t* pixel = picture.row(y) + std::ptrdiff_t{3} * x;
      pixel[0] = static_cast<std::uint8_t>(x * 200 / width + 20);
      pixel[1] = static_cast<std::uint8_t>(y * 200 / height + 20);
      pixel[2] = static_cast<std::uint8_t>((x + y) * 200 / (width + height) + 20);
    }
  }
  return picture;
}

inline std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace cinescribe::image::testing
