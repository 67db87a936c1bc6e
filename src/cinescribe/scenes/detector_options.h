#pragma once

#include <cstdint>

#include "cinescribe/scenes/flash_filter.h"
#include "cinescribe/scenes/min_length.h"

namespace cinescribe::scenes {

enum class DetectorKind { kContent, kAdaptive, kThreshold, kHash, kHistogram };

/// How much each component counts in the content score (sum of weight × difference over sum of |weight|).
struct ContentWeights {
  double hue = 1.0;
  double saturation = 1.0;
  double luma = 1.0;
  double edges = 0.0;
  /// Only brightness counts.
  static constexpr ContentWeights luma_only() { return {0.0, 0.0, 1.0, 0.0}; }
  friend bool operator==(const ContentWeights&, const ContentWeights&) = default;
};

/// How the content score of a frame is computed; shared by the content and the adaptive detector.
struct ContentScoreOptions {
  ContentWeights weights;
  int edge_kernel_size = 0;        ///< Odd, at least 3; 0 = from the picture size.
  bool always_find_edges = false;  ///< Compute the edge difference even at weight 0 (for statistics).
};

/// Cuts where the content score reaches a threshold.
struct ContentOptions {
  double threshold = 27.0;
  ContentScoreOptions score;
  FlashFilter::Mode filter = FlashFilter::Mode::kMerge;
};

/// Cuts where the content score stands out from its neighbours.
struct AdaptiveOptions {
  double threshold = 3.0;           ///< Score over the mean of its neighbours.
  int window_frames = 2;            ///< Neighbours on each side, at least 1.
  double min_content_score = 15.0;  ///< Scores below this never cut.
  ContentScoreOptions score;
};

/// Cuts where the mean brightness crosses a threshold (fades).
struct ThresholdOptions {
  enum class Method {
    kFloor,    ///< Faded out when darker than the threshold.
    kCeiling,  ///< Faded out when at least as bright as the threshold.
  };
  double threshold = 12.0;  ///< Mean of all B, G, R bytes; the fraction is dropped.
  double fade_bias = 0.0;  ///< Where between fade-out and fade-in to cut: -1 at the out, 0 in the middle, +1 at the in.
  bool add_final_scene = false;  ///< A video that ends faded out gets a last cut where it faded.
  Method method = Method::kFloor;
  MinLength min_out_length = MinLength::frames(0);  ///< Shorter dark stretches are no fades.
};

/// Cuts where a perceptual hash changes.
struct HashOptions {
  double threshold = 0.35;  ///< Share of differing bits, 0..1.
  int size = 8;             ///< The hash has size × size bits; 2..32.
  int lowpass = 2;          ///< The picture is reduced to (size × lowpass)²; 1..16.
};

/// Cuts where the histogram of luma changes.
struct HistogramOptions {
  double threshold = 0.20;  ///< 1 - correlation, 0..1.
  int bins = 128;           ///< 1..256.
};

/// Everything that decides which cuts are found. The defaults are the reference's.
/// @source PySceneDetect 0.7.2
struct DetectorOptions {
  DetectorKind kind = DetectorKind::kContent;
  MinLength min_scene_length = MinLength::frames(15);
  int frame_skip = 0;  ///< Look at every (frame_skip + 1)-th frame only.
  ContentOptions content;
  AdaptiveOptions adaptive;
  ThresholdOptions threshold;
  HashOptions hash;
  HistogramOptions histogram;

  /// What `analyze` uses: content, threshold 27, scenes of at least 2 s.
  static DetectorOptions pipeline_defaults() {
    DetectorOptions options;
    options.min_scene_length = MinLength::frames_within(2.0);
    return options;
  }
};

}  // namespace cinescribe::scenes
