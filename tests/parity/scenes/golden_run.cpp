#include "parity/scenes/golden_run.h"

#include <nlohmann/json.hpp>

namespace cinescribe::parity {
namespace {

using nlohmann::json;
using scenes::DetectorKind;
using scenes::DetectorOptions;
using scenes::FlashFilter;
using scenes::MinLength;
using scenes::ThresholdOptions;

bool set_detector(const std::string& name, DetectorOptions& options) {
  if (name == "ContentDetector") {
    options.kind = DetectorKind::kContent;
  } else if (name == "AdaptiveDetector") {
    options.kind = DetectorKind::kAdaptive;
  } else if (name == "ThresholdDetector") {
    options.kind = DetectorKind::kThreshold;
  } else if (name == "HashDetector") {
    options.kind = DetectorKind::kHash;
  } else if (name == "HistogramDetector") {
    options.kind = DetectorKind::kHistogram;
  } else {
    return false;
  }
  return true;
}

void set_threshold(double value, DetectorOptions& options) {
  options.content.threshold = value;
  options.threshold.threshold = value;
  options.hash.threshold = value;
  options.histogram.threshold = value;
}

bool set_parameter(const std::string& name, const json& value, DetectorOptions& options) {
  if (name == "threshold") {
    set_threshold(value, options);
  } else if (name == "min_scene_len") {
    options.min_scene_length = MinLength::frames(value);
  } else if (name == "min_scene_len_seconds") {
    options.min_scene_length = MinLength::seconds(value);
  } else if (name == "filter_mode") {
    options.content.filter = value == "suppress" ? FlashFilter::Mode::kSuppress : FlashFilter::Mode::kMerge;
  } else if (name == "luma_only") {
    options.content.score.weights = scenes::ContentWeights::luma_only();
  } else if (name == "weights") {
    options.content.score.weights = {value[0], value[1], value[2], value[3]};
  } else if (name == "adaptive_threshold") {
    options.adaptive.threshold = value;
  } else if (name == "window_width") {
    options.adaptive.window_frames = value;
  } else if (name == "min_content_val") {
    options.adaptive.min_content_score = value;
  } else if (name == "fade_bias") {
    options.threshold.fade_bias = value;
  } else if (name == "add_final_scene") {
    options.threshold.add_final_scene = value;
  } else if (name == "method") {
    options.threshold.method =
        value == "ceiling" ? ThresholdOptions::Method::kCeiling : ThresholdOptions::Method::kFloor;
  } else if (name == "min_out_length") {
    options.threshold.min_out_length = MinLength::frames(value);
  } else if (name == "size") {
    options.hash.size = value;
  } else if (name == "lowpass") {
    options.hash.lowpass = value;
  } else if (name == "bins") {
    options.histogram.bins = value;
  } else {
    return false;
  }
  return true;
}

}  // namespace

Result<DetectorOptions> golden_options(const json& result) {
  DetectorOptions options;
  const std::string detector = result.at("detector");
  if (!set_detector(detector, options)) return Error{ErrorCode::kInput, "unknown detector " + detector};
  for (const auto& [name, value] : result.at("params").items()) {
    if (!set_parameter(name, value, options)) return Error{ErrorCode::kInput, "unknown parameter " + name};
  }
  options.frame_skip = result.at("frame_skip");
  return options;
}

DetectorOptions content_with_edges() {
  DetectorOptions options;
  options.content.score.always_find_edges = true;
  return options;
}

std::vector<GoldenColumn> golden_columns() {
  return {
      {"content_val", kScoresWithEdges, 0}, {"delta_hue", kScoresWithEdges, 1},   {"delta_sat", kScoresWithEdges, 2},
      {"delta_lum", kScoresWithEdges, 3},   {"delta_edges", kScoresWithEdges, 4}, {"average_rgb", "threshold", 0},
      {"hash_dist_8_2", "hash", 0},         {"hist_corr_128", "histogram", 0},    {"adaptive_ratio_w2", "adaptive", 5}};
}

}  // namespace cinescribe::parity
