#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "cinescribe/sounds/sound_tagger.h"

namespace cinescribe::pipeline {

/// Hears two things: "loud" with the window's largest sample as its score, and "long" with its length over a full
/// window's. Windows of `window` samples follow each other; `batch` of them make a batch.
class StubTagger final : public sounds::SoundTagger {
 public:
  explicit StubTagger(std::size_t window, std::size_t batch = 3) : window_(window), batch_(batch) {}
  [[nodiscard]] const std::vector<std::string>& labels() const override { return labels_; }
  [[nodiscard]] std::size_t window_samples() const override { return window_; }
  [[nodiscard]] std::size_t hop_samples() const override { return window_; }
  [[nodiscard]] std::size_t batch_windows() const override { return batch_; }
  Result<std::vector<std::vector<float>>> logits(std::span<const std::span<const float>> windows,
                                                 const std::stop_token&) override {
    ++batches;
    std::vector<std::vector<float>> rows;
    for (const auto& window : windows) {
      const float loudest = *std::max_element(window.begin(), window.end());
      rows.push_back({logit(loudest), logit(static_cast<float>(window.size()) / static_cast<float>(window_))});
    }
    return rows;
  }
  int batches = 0;

 private:
  static float logit(float score) {
    const float p = std::clamp(score, 1e-6F, 1.0F - 1e-6F);
    return std::log(p / (1.0F - p));
  }
  std::size_t window_;
  std::size_t batch_;
  std::vector<std::string> labels_{"loud", "long"};
};

}  // namespace cinescribe::pipeline
