#pragma once

#include <array>
#include <string_view>

#include "cinescribe/scenes/content_score.h"
#include "cinescribe/scenes/detector_options.h"
#include "cinescribe/scenes/frame_intake.h"
#include "cinescribe/scenes/scene_detector.h"

namespace cinescribe::scenes {

/// Names of the numbers of the content score, in the order of `content_metrics`.
inline constexpr std::array<std::string_view, 5> kContentMetricNames = {"content_val", "delta_hue", "delta_sat",
                                                                        "delta_lum", "delta_edges"};
/// The numbers of a content difference; NaN without one.
std::array<double, 5> content_metrics(const std::optional<ContentDifference>& difference);

/// Cuts where colour and brightness change abruptly: the content score reaches a threshold.
/// @source PySceneDetect 0.7.2, ContentDetector
class ContentDetector final : public SceneDetector {
 public:
  ContentDetector(const ContentOptions& options, MinLength min_length, int frame_skip, const FrameClock& clock);

  Status push(const VideoFrame& frame, std::vector<Cut>& cuts) override;
  void flush(std::vector<Cut>& cuts) override;
  [[nodiscard]] std::int64_t max_lookback() const override;
  [[nodiscard]] Timestamp settled_until() const override { return filter_.settled_until(); }
  [[nodiscard]] std::span<const std::string_view> metric_names() const override { return kContentMetricNames; }
  [[nodiscard]] std::span<const double> metrics() const override { return metrics_; }

 private:
  ContentOptions options_;
  FrameIntake intake_;
  ContentScorer scorer_;
  FlashFilter filter_;
  std::array<double, 5> metrics_;
};

}  // namespace cinescribe::scenes
