#pragma once

#include <algorithm>

#include "cinescribe/objects/detection.h"

namespace cinescribe::objects {

/// Intersection over union of two boxes, 0..1; empty boxes overlap nothing. `union_offset` is added to the union, as
/// some references do against division by zero.
inline double overlap(const Box& a, const Box& b, double union_offset = 0.0) {
  const double width = std::min<double>(a.x2, b.x2) - static_cast<double>(std::max(a.x1, b.x1));
  const double height = std::min<double>(a.y2, b.y2) - static_cast<double>(std::max(a.y1, b.y1));
  if (!(width > 0.0) || !(height > 0.0)) return 0.0;
  const double intersection = width * height;
  const double area_a =
      (static_cast<double>(a.x2) - static_cast<double>(a.x1)) * (static_cast<double>(a.y2) - static_cast<double>(a.y1));
  const double area_b =
      (static_cast<double>(b.x2) - static_cast<double>(b.x1)) * (static_cast<double>(b.y2) - static_cast<double>(b.y1));
  return intersection / (area_a + area_b - intersection + union_offset);
}

}  // namespace cinescribe::objects
