#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/image.h"
#include "cinescribe/scenes/detector_options.h"
#include "cinescribe/scenes/frame_intake.h"
#include "cinescribe/scenes/scene_detector.h"

namespace cinescribe::scenes {

/// Perceptual hash of a grey picture: which of its size × size lowest frequencies lie above their median.
std::vector<bool> perceptual_hash(const Image& gray, int size, int lowpass);

/// Cuts where the perceptual hash changes in more than a share of its bits.
/// @source PySceneDetect 0.7.2, HashDetector
class HashDetector final : public SceneDetector {
 public:
  HashDetector(const HashOptions& options, MinLength min_length, int frame_skip, const FrameClock& clock);

  Status push(const VideoFrame& frame, std::vector<Cut>& cuts) override;
  void flush(std::vector<Cut>& cuts) override;
  [[nodiscard]] std::int64_t max_lookback() const override { return 0; }
  [[nodiscard]] Timestamp settled_until() const override { return newest_; }
  [[nodiscard]] std::span<const std::string_view> metric_names() const override { return names_; }
  [[nodiscard]] std::span<const double> metrics() const override { return metrics_; }

 private:
  HashOptions options_;
  MinLength min_length_;
  FrameIntake intake_;
  std::vector<bool> last_hash_;
  Timestamp newest_;
  std::optional<Timestamp> last_cut_;
  std::string name_;
  std::array<std::string_view, 1> names_;
  std::array<double, 1> metrics_;
};

}  // namespace cinescribe::scenes
