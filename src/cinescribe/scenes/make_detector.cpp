#include "cinescribe/scenes/make_detector.h"

#include <cmath>
#include <string>

#include "cinescribe/scenes/adaptive_detector.h"
#include "cinescribe/scenes/content_detector.h"
#include "cinescribe/scenes/hash_detector.h"
#include "cinescribe/scenes/histogram_detector.h"
#include "cinescribe/scenes/threshold_detector.h"

namespace cinescribe::scenes {
namespace {

constexpr int kLargestFrameSkip = 1'000'000;
constexpr int kLargestWindow = 10'000;
constexpr int kLargestKernel = 255;

std::string plain(double value) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

/// Errors: kUsage unless low <= value <= high.
Status check_range(const char* option, double value, double low, double high) {
  if (value >= low && value <= high) return {};
  return Error{ErrorCode::kUsage, std::string(option) + " is " + plain(value) + "; it must be between " + plain(low) +
                                      " and " + plain(high)};
}

Status check_score(const ContentScoreOptions& score) {
  const ContentWeights& weights = score.weights;
  const double total =
      std::abs(weights.hue) + std::abs(weights.saturation) + std::abs(weights.luma) + std::abs(weights.edges);
  if (!std::isfinite(total) || total <= 0.0) {
    return Error{ErrorCode::kUsage, "the weights of hue, saturation, luma and edges must be numbers, not all 0"};
  }
  const int kernel = score.edge_kernel_size;
  if (kernel != 0 && (kernel < 3 || kernel > kLargestKernel || kernel % 2 == 0)) {
    return Error{ErrorCode::kUsage, "edge kernel size is " + std::to_string(kernel) +
                                        "; it must be odd and between 3 and " + std::to_string(kLargestKernel) +
                                        ", or 0 for a size from the picture"};
  }
  return {};
}

Status check(const DetectorOptions& options) {
  constexpr double kAny = 1e9;
  CINESCRIBE_TRY(check_range("frame skip", options.frame_skip, 0, kLargestFrameSkip));
  switch (options.kind) {
    case DetectorKind::kContent:
      CINESCRIBE_TRY(check_range("threshold", options.content.threshold, -kAny, kAny));
      return check_score(options.content.score);
    case DetectorKind::kAdaptive:
      CINESCRIBE_TRY(check_range("threshold", options.adaptive.threshold, -kAny, kAny));
      CINESCRIBE_TRY(check_range("window", options.adaptive.window_frames, 1, kLargestWindow));
      CINESCRIBE_TRY(check_range("minimum content score", options.adaptive.min_content_score, -kAny, kAny));
      return check_score(options.adaptive.score);
    case DetectorKind::kThreshold:
      CINESCRIBE_TRY(check_range("threshold", options.threshold.threshold, -kAny, kAny));
      return check_range("fade bias", options.threshold.fade_bias, -1.0, 1.0);
    case DetectorKind::kHash:
      CINESCRIBE_TRY(check_range("threshold", options.hash.threshold, -kAny, kAny));
      CINESCRIBE_TRY(check_range("hash size", options.hash.size, 2, 32));
      return check_range("hash lowpass", options.hash.lowpass, 1, 16);
    case DetectorKind::kHistogram:
      CINESCRIBE_TRY(check_range("threshold", options.histogram.threshold, -kAny, kAny));
      return check_range("histogram bins", options.histogram.bins, 1, 256);
  }
  return Error{ErrorCode::kInternal, "unknown scene detector"};
}

}  // namespace

Result<std::unique_ptr<SceneDetector>> make_detector(const DetectorOptions& options, const VideoFacts& facts) {
  CINESCRIBE_TRY(check(options));
  const FrameClock clock(facts.average_rate);
  const MinLength length = options.min_scene_length;
  const int skip = options.frame_skip;
  std::unique_ptr<SceneDetector> detector;
  switch (options.kind) {
    case DetectorKind::kContent:
      detector = std::make_unique<ContentDetector>(options.content, length, skip, clock);
      break;
    case DetectorKind::kAdaptive:
      detector = std::make_unique<AdaptiveDetector>(options.adaptive, length, skip, clock);
      break;
    case DetectorKind::kThreshold:
      detector = std::make_unique<ThresholdDetector>(options.threshold, length, skip, clock);
      break;
    case DetectorKind::kHash:
      detector = std::make_unique<HashDetector>(options.hash, length, skip, clock);
      break;
    case DetectorKind::kHistogram:
      detector = std::make_unique<HistogramDetector>(options.histogram, length, skip, clock);
      break;
  }
  return detector;
}

}  // namespace cinescribe::scenes
