#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "cinescribe/scenes/detector_options.h"
#include "cinescribe/scenes/frame_intake.h"
#include "cinescribe/scenes/scene_detector.h"

namespace cinescribe::scenes {

/// Cuts inside fades to and from black (or white): where the mean brightness crosses a threshold.
/// @source PySceneDetect 0.7.2, ThresholdDetector
class ThresholdDetector final : public SceneDetector {
 public:
  ThresholdDetector(const ThresholdOptions& options, MinLength min_length, int frame_skip, const FrameClock& clock);

  Status push(const VideoFrame& frame, std::vector<Cut>& cuts) override;
  void flush(std::vector<Cut>& cuts) override;
  /// Unbounded: a cut may lie at the beginning of the fade.
  [[nodiscard]] std::int64_t max_lookback() const override { return -1; }
  [[nodiscard]] Timestamp settled_until() const override;
  [[nodiscard]] std::span<const std::string_view> metric_names() const override;
  [[nodiscard]] std::span<const double> metrics() const override { return metrics_; }

 private:
  [[nodiscard]] bool is_faded_out(double mean) const;
  void fade_in(Timestamp time, std::vector<Cut>& cuts);

  ThresholdOptions options_;
  MinLength min_length_;
  MinLength min_out_length_;
  FrameIntake intake_;
  double threshold_;
  std::optional<Timestamp> last_cut_;  // set by the first frame
  Timestamp newest_;
  bool is_out_ = false;
  Timestamp last_fade_;
  std::array<double, 1> metrics_;
};

}  // namespace cinescribe::scenes
