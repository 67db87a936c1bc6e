#pragma once

#include <span>

#include "cinescribe/core/image.h"
#include "cinescribe/core/status.h"

namespace cinescribe::image {

/// Pictures side by side, left to right in the order given, tops aligned; below a lower picture stays black. Pixels are
/// copied, nothing is resized: frames of one video have one height. Errors: kInput (no picture, an empty one, different
/// channels, or more than 2^27 pixels).
Result<Image> horizontal_panorama(std::span<const Image> pictures);

}  // namespace cinescribe::image
