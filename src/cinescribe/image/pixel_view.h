#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "cinescribe/core/image.h"
#include "cinescribe/core/video_frame.h"

namespace cinescribe::image {

/// Borrowed 8-bit pixels: packed in three channels, or the planes of a video frame. Valid as long as what it was made
/// from.
struct PixelView {
  PixelFormat format = PixelFormat::kRgb24;
  YuvMatrix yuv;                                ///< Of planar formats.
  std::array<const std::uint8_t*, 3> planes{};  ///< Packed formats use the first only.
  std::array<std::ptrdiff_t, 3> stride_bytes{};
  int width = 0;
  int height = 0;

  PixelView() = default;
  /// Precondition: three channels.
  PixelView(const Image& picture)  // NOLINT(google-explicit-constructor): a view of the picture
      : planes{picture.pixels.data(), nullptr, nullptr},
        stride_bytes{static_cast<std::ptrdiff_t>(picture.stride_bytes()), 0, 0},
        width(picture.width),
        height(picture.height) {}
  PixelView(const VideoFrame& frame)  // NOLINT(google-explicit-constructor): a view of the frame
      : format(frame.format),
        yuv(frame.yuv),
        planes(frame.planes),
        stride_bytes(frame.stride_bytes),
        width(frame.width),
        height(frame.height) {}

  [[nodiscard]] bool empty() const { return planes[0] == nullptr || width < 1 || height < 1; }
  [[nodiscard]] const std::uint8_t* row(int y, std::size_t plane = 0) const {
    return planes[plane] + stride_bytes[plane] * y;
  }
};

}  // namespace cinescribe::image
