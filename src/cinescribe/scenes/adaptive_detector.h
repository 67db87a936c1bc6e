#pragma once

#include <array>
#include <deque>
#include <optional>
#include <string>

#include "cinescribe/scenes/content_detector.h"

namespace cinescribe::scenes {

/// Cuts where the content score stands out from the mean of its neighbours, which forgives fast camera movement.
/// @source PySceneDetect 0.7.2, AdaptiveDetector
class AdaptiveDetector final : public SceneDetector {
 public:
  AdaptiveDetector(const AdaptiveOptions& options, MinLength min_length, int frame_skip, const FrameClock& clock);

  Status push(const VideoFrame& frame, std::vector<Cut>& cuts) override;
  void flush(std::vector<Cut>& cuts) override;
  [[nodiscard]] std::int64_t max_lookback() const override { return lookback_; }
  [[nodiscard]] Timestamp settled_until() const override;
  [[nodiscard]] std::span<const std::string_view> metric_names() const override { return names_; }
  [[nodiscard]] std::span<const double> metrics() const override { return metrics_; }
  [[nodiscard]] std::int64_t metric_lag(std::size_t metric) const override;

 private:
  struct Scored {
    Timestamp time;
    double score = 0.0;
  };
  /// Score of the middle of the window over the mean of the others.
  [[nodiscard]] double ratio() const;

  AdaptiveOptions options_;
  MinLength min_length_;
  FrameIntake intake_;
  ContentScorer scorer_;
  std::int64_t lookback_;
  std::deque<Scored> window_;
  std::optional<Timestamp> last_cut_;
  std::string ratio_name_;
  std::array<std::string_view, 6> names_;
  std::array<double, 6> metrics_{};
};

}  // namespace cinescribe::scenes
