#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "cinescribe/core/image.h"

/// Drawing on RGB pictures; everything beyond the picture's edges is cut off.
namespace cinescribe::image {

using Colour = std::array<std::uint8_t, 3>;  ///< R G B.

/// A colour that is easy to tell from its neighbours, the same for the same number.
Colour distinct_colour(std::int64_t number);

/// The outline of a box whose corners are pixel centres, `thickness_px` wide, growing inwards.
void draw_box(Image& picture, int x1, int y1, int x2, int y2, int thickness_px, Colour colour);

/// Text on a filled ground with its upper left corner at (x, y), in capitals of 5 × 7 cells of `scale_px` pixels.
/// ASCII; other bytes become "?". The ground is `label_height(scale_px)` high.
void draw_label(Image& picture, int x, int y, std::string_view text, int scale_px, Colour ground);

inline int label_height(int scale_px) { return 9 * scale_px; }
inline int label_width(std::size_t characters, int scale_px) {
  return (static_cast<int>(characters) * 6 + 1) * scale_px;
}

}  // namespace cinescribe::image
