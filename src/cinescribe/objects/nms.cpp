#include "cinescribe/objects/nms.h"

#include <algorithm>

namespace cinescribe::objects {

std::vector<Detection> suppress_overlaps(std::vector<Detection> candidates, const NmsOptions& options) {
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Detection& a, const Detection& b) { return a.score > b.score; });
  if (candidates.size() > options.max_candidates) candidates.resize(options.max_candidates);
  const float extra = options.inclusive_area ? 1.0F : 0.0F;
  std::vector<Detection> kept;
  std::vector<float> kept_areas;
  for (const auto& candidate : candidates) {
    if (kept.size() == options.max_boxes) break;
    const Box& a = candidate.box;
    const float area = (a.x2 - a.x1 + extra) * (a.y2 - a.y1 + extra);
    bool is_best = true;
    for (std::size_t i = 0; i < kept.size() && is_best; ++i) {
      if (!options.is_agnostic && kept[i].class_id != candidate.class_id) continue;
      const Box& b = kept[i].box;
      const float width = std::max(0.0F, std::min(a.x2, b.x2) - std::max(a.x1, b.x1) + extra);
      const float height = std::max(0.0F, std::min(a.y2, b.y2) - std::max(a.y1, b.y1) + extra);
      const float intersection = width * height;
      is_best = !(intersection / (area + kept_areas[i] - intersection) > options.iou);
    }
    if (!is_best) continue;
    kept.push_back(candidate);
    kept_areas.push_back(area);
  }
  return kept;
}

}  // namespace cinescribe::objects
