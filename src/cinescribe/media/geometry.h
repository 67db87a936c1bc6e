#pragma once

#include "cinescribe/core/rational.h"

namespace cinescribe::media {

/// A picture size in pixels.
struct PixelSize {
  int width = 0;
  int height = 0;
  friend bool operator==(const PixelSize&, const PixelSize&) = default;
};

/// Whether a header may claim this size at all (positive, at most 16384 a side and 2^27 pixels).
bool is_sane_size(int width, int height);

/// `stored` stretched to square pixels: the height stays, the width follows the sample aspect (unknown or absurd
/// aspects, beyond 1:16 or 16:1, count as 1:1).
PixelSize square_pixel_size(PixelSize stored, Rational sample_aspect);

/// `size` scaled so that its shorter side is `short_side_px` (0 = unchanged), never beyond `is_sane_size`.
PixelSize scaled_to_short_side(PixelSize size, int short_side_px);

/// Width and height change places for 90 and 270 degrees.
PixelSize turned(PixelSize size, int rotation_degrees);

}  // namespace cinescribe::media
