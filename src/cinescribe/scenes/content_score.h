#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cinescribe/scenes/detector_options.h"
#include "cinescribe/scenes/edges.h"
#include "cinescribe/scenes/working_picture.h"

namespace cinescribe::scenes {

/// How much a picture differs from the one before, on average per pixel and component (0..255; hue 0..179).
struct ContentDifference {
  double hue = 0.0;
  double saturation = 0.0;
  double luma = 0.0;
  double edges = 0.0;
  double score = 0.0;  ///< Weighted mean of the four.
};

/// Computes the content score of consecutive pictures in OpenCV's 8-bit HSV. Hue is not treated as circular.
/// @source PySceneDetect 0.7.2, ContentDetector
class ContentScorer {
 public:
  explicit ContentScorer(const ContentScoreOptions& options) : options_(options) {}

  /// Difference to the picture of the last call; empty on the first.
  std::optional<ContentDifference> push(const WorkingPicture& picture);

 private:
  struct Planes {
    std::vector<std::uint8_t> hue, saturation, value, edges;
    void resize(std::size_t count);
  };

  ContentScoreOptions options_;
  EdgeFinder edge_finder_;
  Planes current_;
  Planes previous_;
  bool has_previous_ = false;
};

}  // namespace cinescribe::scenes
