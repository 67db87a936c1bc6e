#pragma once

#include <cstddef>
#include <cstdint>

namespace cinescribe::media {

/// Turns a packed 24-bit picture clockwise by 90, 180 or 270 degrees.
///
/// `source` is width × height; `target` is height × width for 90 and 270, else width × height. Strides in bytes.
void turn_24bit(const std::uint8_t* source, std::ptrdiff_t source_stride, int width, int height, int degrees,
                std::uint8_t* target, std::ptrdiff_t target_stride);

}  // namespace cinescribe::media
