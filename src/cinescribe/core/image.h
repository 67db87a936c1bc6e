#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cinescribe {

/// An owned 8-bit picture: height × width × channels (HWC), rows without padding.
///
/// Channel order is RGB (or grey for one channel) unless a name says otherwise. Width and height are in pixels.
struct Image {
  int width = 0;
  int height = 0;
  int channels = 3;
  std::vector<std::uint8_t> pixels;

  Image() = default;
  Image(int w, int h, int c)
      : width(w),
        height(h),
        channels(c),
        pixels(static_cast<std::size_t>(w) * static_cast<std::size_t>(h) * static_cast<std::size_t>(c)) {}

  [[nodiscard]] bool empty() const { return pixels.empty(); }
  [[nodiscard]] std::size_t stride_bytes() const {
    return static_cast<std::size_t>(width) * static_cast<std::size_t>(channels);
  }
  [[nodiscard]] std::uint8_t* row(int y) { return pixels.data() + stride_bytes() * static_cast<std::size_t>(y); }
  [[nodiscard]] const std::uint8_t* row(int y) const {
    return pixels.data() + stride_bytes() * static_cast<std::size_t>(y);
  }
};

}  // namespace cinescribe
