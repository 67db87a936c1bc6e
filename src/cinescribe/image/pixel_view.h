#pragma once

#include <cstddef>
#include <cstdint>

#include "cinescribe/core/image.h"
#include "cinescribe/core/video_frame.h"

namespace cinescribe::image {

/// Borrowed packed 8-bit pixels of three channels, rows `stride_bytes` apart. Valid as long as what it was made from.
struct PixelView {
  const std::uint8_t* data = nullptr;
  std::ptrdiff_t stride_bytes = 0;
  int width = 0;
  int height = 0;
  bool is_bgr = false;  ///< Channel order B G R instead of R G B.

  PixelView() = default;
  /// Precondition: three channels.
  PixelView(const Image& picture)  // NOLINT(google-explicit-constructor): a view of the picture
      : data(picture.pixels.data()),
        stride_bytes(static_cast<std::ptrdiff_t>(picture.stride_bytes())),
        width(picture.width),
        height(picture.height) {}
  /// Precondition: a packed format (kBgr24 or kRgb24).
  PixelView(const VideoFrame& frame)  // NOLINT(google-explicit-constructor): a view of the frame
      : data(frame.planes[0]),
        stride_bytes(frame.stride_bytes[0]),
        width(frame.width),
        height(frame.height),
        is_bgr(frame.format == PixelFormat::kBgr24) {}

  [[nodiscard]] const std::uint8_t* row(int y) const { return data + stride_bytes * y; }
};

}  // namespace cinescribe::image
