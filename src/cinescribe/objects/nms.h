#pragma once

#include <cstddef>
#include <vector>

#include "cinescribe/objects/detection.h"

namespace cinescribe::objects {

/// How overlapping boxes are thinned out.
struct NmsOptions {
  float iou = 0.45F;            ///< A box that overlaps a better one by more than this goes.
  bool is_agnostic = false;     ///< Boxes of all classes compete; else only those of one class.
  bool inclusive_area = false;  ///< Sides measured as x2 - x1 + 1, as YOLOX does.
  std::size_t max_candidates = 30000;
  std::size_t max_boxes = 300;
};

/// Greedy non-maximum suppression: returns the boxes that stay, best score first, equal scores in the given order.
/// @source torchvision batched_nms, Ultralytics non_max_suppression, YOLOX demo_utils
std::vector<Detection> suppress_overlaps(std::vector<Detection> candidates, const NmsOptions& options);

}  // namespace cinescribe::objects
