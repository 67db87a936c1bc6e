#pragma once

#include <vector>

#include "cinescribe/objects/detector_decode.h"

namespace cinescribe::objects {

/// The best 100 local maxima (3 × 3 within a class) of the keypoint map with scores above `conf`, best first, boxes in
/// input pixels; `row` is the position in the map flattened as y, x, class.
std::vector<Detection> centernet_peaks(const LayoutChoice& layout, const RawOutputs& outputs, float conf);

}  // namespace cinescribe::objects
