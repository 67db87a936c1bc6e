#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/scenes/detector_options.h"
#include "cinescribe/scenes/frame_intake.h"
#include "cinescribe/scenes/scene_detector.h"

namespace cinescribe::scenes {

/// Cuts where the histogram of luma stops to correlate with the one before.
/// @source PySceneDetect 0.7.2, HistogramDetector
class HistogramDetector final : public SceneDetector {
 public:
  HistogramDetector(const HistogramOptions& options, MinLength min_length, int frame_skip, const FrameClock& clock);

  Status push(const VideoFrame& frame, std::vector<Cut>& cuts) override;
  void flush(std::vector<Cut>& cuts) override;
  [[nodiscard]] std::int64_t max_lookback() const override { return 0; }
  [[nodiscard]] Timestamp settled_until() const override { return newest_; }
  [[nodiscard]] std::span<const std::string_view> metric_names() const override { return names_; }
  [[nodiscard]] std::span<const double> metrics() const override { return metrics_; }

 private:
  [[nodiscard]] std::vector<float> histogram_of(const WorkingPicture& picture) const;

  HistogramOptions options_;
  double highest_correlation_;
  MinLength min_length_;
  FrameIntake intake_;
  std::vector<float> last_histogram_;
  Timestamp newest_;
  std::optional<Timestamp> last_cut_;
  std::string name_;
  std::array<std::string_view, 1> names_;
  std::array<double, 1> metrics_;
};

}  // namespace cinescribe::scenes
