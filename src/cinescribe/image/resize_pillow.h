#pragma once

#include <string_view>

#include "cinescribe/core/image.h"
#include "cinescribe/core/status.h"

namespace cinescribe::image {

/// Pillow's filters; both widen with the shrinking factor (antialiasing).
enum class PillowFilter {
  kBilinear,  ///< Triangle, support 1.
  kBicubic,   ///< a = -0.5, support 2.
};

/// Which axis is resized first; between the two passes values are rounded to bytes, so the order shows.
enum class PassOrder {
  kHorizontalFirst,  ///< Pillow up to 12.
  kPillow13,         ///< Vertical first where the height shrinks by more than twice what the width shrinks.
};

/// The order by its name in `model.json`: "horizontal_first" or "pillow13". Errors: kModel.
Result<PassOrder> pass_order_from_name(std::string_view name);

/// Whether the vertical pass comes first.
bool is_vertical_first(PassOrder order, int source_width, int source_height, int target_width, int target_height);

/// Resizes exactly as Pillow's `Image.resize` on 8-bit pictures, any number of channels; an axis that keeps its size is
/// not touched. Thread-safe. Precondition: the picture is not empty, the target is at least 1 × 1.
///
/// @source Pillow 9 to 13, Image.resize without reducing_gap; weights in 22-bit fixed point
Image resize_pillow(const Image& source, int width, int height, PillowFilter filter, PassOrder order);

}  // namespace cinescribe::image
