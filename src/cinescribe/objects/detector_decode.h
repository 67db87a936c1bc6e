#pragma once

#include <span>
#include <vector>

#include "cinescribe/objects/detection.h"
#include "cinescribe/objects/detector_layout.h"

namespace cinescribe::objects {

/// Elements of the outputs of one picture (no batch dimension), in the order the layout names them. `labels` is only
/// used by `Layout::kDetrProcessed`.
struct RawOutputs {
  std::vector<std::span<const float>> values;
  std::vector<std::vector<std::int64_t>> shapes;  ///< Without the batch dimension.
  std::span<const std::int64_t> labels;
};

struct DecodeOptions {
  float conf = 0.25F;           ///< Only scores above this.
  bool is_multi_label = false;  ///< One detection per class above `conf`, else only the best class (YOLOX only).
  /// Classes to keep, by id; empty = all. Applied after the best class was chosen.
  std::vector<char> keep_class;
};

/// Turns raw outputs into boxes in input pixels (picture shares times input size for the DETR family, picture pixels
/// for `kDetrProcessed`). Scores and boxes that are not finite are dropped. Nothing is suppressed.
/// Precondition: sizes fit the layout (`outputs_fit`).
std::vector<Detection> decode(const LayoutChoice& layout, const RawOutputs& outputs, const DecodeOptions& options);

/// Whether the outputs have the sizes that the layout needs; false for a model that answers otherwise than it declared.
bool outputs_fit(const LayoutChoice& layout, const RawOutputs& outputs);

}  // namespace cinescribe::objects
