#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "cinescribe/core/video_frame.h"

namespace cinescribe::scenes {

/// A BGR frame from packed pixels without padding.
inline VideoFrame bgr_frame(std::vector<std::uint8_t> pixels, int width, int height, std::int64_t index = 0,
                            Timestamp time = {}) {
  auto owner = std::make_shared<std::vector<std::uint8_t>>(std::move(pixels));
  VideoFrame frame;
  frame.format = PixelFormat::kBgr24;
  frame.width = width;
  frame.height = height;
  frame.planes[0] = owner->data();
  frame.stride_bytes[0] = static_cast<std::ptrdiff_t>(width) * 3;
  frame.index = index;
  frame.time = time;
  frame.owner = owner;
  return frame;
}

/// A frame of one grey value.
inline VideoFrame grey_frame(std::uint8_t value, int width, int height, std::int64_t index = 0, Timestamp time = {}) {
  const auto bytes = static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3;
  return bgr_frame(std::vector<std::uint8_t>(bytes, value), width, height, index, time);
}

}  // namespace cinescribe::scenes
