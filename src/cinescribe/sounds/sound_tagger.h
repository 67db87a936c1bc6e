#pragma once

#include <cstddef>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"

namespace cinescribe::sounds {

/// Names what is heard in windows of sound. Multi-label: every class has a logit of its own; its score is the sigmoid.
class SoundTagger {
 public:
  virtual ~SoundTagger() = default;

  [[nodiscard]] virtual const std::vector<std::string>& labels() const = 0;
  /// Samples of 16 kHz mono that one window covers; later samples of a longer window are not heard.
  [[nodiscard]] virtual std::size_t window_samples() const = 0;
  /// Distance from one window to the next when a long stretch is covered.
  [[nodiscard]] virtual std::size_t hop_samples() const = 0;
  /// How many windows are best given at once.
  [[nodiscard]] virtual std::size_t batch_windows() const = 0;

  /// One row of logits (as many as labels) per window. Windows are mono f32 in [-1, 1]; shorter ones are padded as the
  /// model wants it, an empty one is silence. The result does not depend on what else is in the batch. Errors:
  /// kResource, kInternal, kModel, kInterrupted. Not thread-safe.
  virtual Result<std::vector<std::vector<float>>> logits(std::span<const std::span<const float>> windows,
                                                         const std::stop_token& stop) = 0;
};

/// 1 / (1 + exp(-logit)).
float sigmoid(float logit);

}  // namespace cinescribe::sounds
