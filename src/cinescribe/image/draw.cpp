#include "cinescribe/image/draw.h"

#include <algorithm>
#include <cstddef>

#include "cinescribe/image/bitmap_font.h"

namespace cinescribe::image {

namespace {

/// Fills [x1, x2) × [y1, y2).
void fill(Image& picture, int x1, int y1, int x2, int y2, Colour colour) {
  x1 = std::clamp(x1, 0, picture.width);
  x2 = std::clamp(x2, 0, picture.width);
  y1 = std::clamp(y1, 0, picture.height);
  y2 = std::clamp(y2, 0, picture.height);
  for (int y = y1; y < y2; ++y) {
    std::uint8_t* row = picture.row(y);
    for (int x = x1; x < x2; ++x) std::copy(colour.begin(), colour.end(), row + static_cast<std::ptrdiff_t>(x) * 3);
  }
}

}  // namespace

Colour distinct_colour(std::int64_t number) {
  // Hues a golden angle apart stay apart however many there are.
  const double turn = static_cast<double>(number % 100'000) * 0.618033988749895;
  const double hue = (turn - static_cast<double>(static_cast<std::int64_t>(turn))) * 6.0;
  const auto channel = [hue](double shift) {
    double h = hue + shift;
    if (h >= 6.0) h -= 6.0;
    if (h < 0.0) h += 6.0;
    const double ramp = std::clamp(h < 2.0 ? h : 4.0 - h, 0.0, 1.0);
    return static_cast<std::uint8_t>(40.0 + 215.0 * ramp);
  };
  return {channel(2.0), channel(0.0), channel(-2.0)};
}

void draw_box(Image& picture, int x1, int y1, int x2, int y2, int thickness_px, Colour colour) {
  if (picture.channels != 3 || x2 < x1 || y2 < y1) return;
  const int t = std::max(1, thickness_px);
  fill(picture, x1, y1, x2 + 1, y1 + t, colour);
  fill(picture, x1, y2 + 1 - t, x2 + 1, y2 + 1, colour);
  fill(picture, x1, y1, x1 + t, y2 + 1, colour);
  fill(picture, x2 + 1 - t, y1, x2 + 1, y2 + 1, colour);
}

void draw_label(Image& picture, int x, int y, std::string_view text, int scale_px, Colour ground) {
  if (picture.channels != 3 || scale_px < 1) return;
  fill(picture, x, y, x + label_width(text.size(), scale_px), y + label_height(scale_px), ground);
  const int luma = (299 * ground[0] + 587 * ground[1] + 114 * ground[2]) / 1000;
  const Colour ink = luma > 128 ? Colour{0, 0, 0} : Colour{255, 255, 255};
  int left = x + scale_px;
  for (const char c : text) {
    const auto& rows = glyph(c);
    for (int v = 0; v < 7; ++v) {
      for (int u = 0; u < 5; ++u) {
        if ((rows[static_cast<std::size_t>(v)] >> (4 - u) & 1) == 0) continue;
        const int px = left + u * scale_px;
        const int py = y + (v + 1) * scale_px;
        fill(picture, px, py, px + scale_px, py + scale_px, ink);
      }
    }
    left += 6 * scale_px;
  }
}

}  // namespace cinescribe::image
