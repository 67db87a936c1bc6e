#include "cinescribe/scenes/content_score.h"

#include <cmath>
#include <utility>

#include "cinescribe/scenes/kernels.h"

namespace cinescribe::scenes {

void ContentScorer::Planes::resize(std::size_t count) {
  for (auto* plane : {&hue, &saturation, &value}) plane->resize(count);
}

std::optional<ContentDifference> ContentScorer::push(const WorkingPicture& picture) {
  const std::size_t count = picture.pixel_count();
  const Kernels& loops = kernels();
  current_.resize(count);
  loops.bgr_to_hsv(count, picture.blue.data(), picture.green.data(), picture.red.data(), current_.hue.data(),
                   current_.saturation.data(), current_.value.data());
  const bool finds_edges = options_.weights.edges > 0.0 || options_.always_find_edges;
  if (finds_edges) {
    edge_finder_.find(current_.value, picture.width, picture.height, options_.edge_kernel_size, current_.edges);
  }
  std::swap(current_, previous_);  // from here on the new planes are `previous_`
  if (!has_previous_) {
    has_previous_ = true;
    return std::nullopt;
  }
  const auto mean_difference = [&](const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
    return static_cast<double>(loops.sum_of_differences(count, a.data(), b.data())) / static_cast<double>(count);
  };
  ContentDifference difference;
  difference.hue = mean_difference(previous_.hue, current_.hue);
  difference.saturation = mean_difference(previous_.saturation, current_.saturation);
  difference.luma = mean_difference(previous_.value, current_.value);
  if (finds_edges) difference.edges = mean_difference(previous_.edges, current_.edges);
  const ContentWeights& weights = options_.weights;
  difference.score =
      (difference.hue * weights.hue + difference.saturation * weights.saturation + difference.luma * weights.luma +
       difference.edges * weights.edges) /
      (std::abs(weights.hue) + std::abs(weights.saturation) + std::abs(weights.luma) + std::abs(weights.edges));
  return difference;
}

}  // namespace cinescribe::scenes
