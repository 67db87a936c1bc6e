#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "cinescribe/core/time.h"

namespace cinescribe {

/// Sample rate of every analysis of sound and speech.
inline constexpr int kAudioRateHz = 16000;

/// An owned piece of sound: mono f32 in [-1, 1] at `rate_hz`.
struct AudioClip {
  std::vector<float> samples;
  int rate_hz = kAudioRateHz;

  [[nodiscard]] Duration length() const {
    return Duration::from_seconds(static_cast<double>(samples.size()) / static_cast<double>(rate_hz));
  }
};

/// A shared, immutable block of a continuous stream of sound: mono f32 in [-1, 1] at 16 kHz.
///
/// `first_sample` counts from the start of the *video's* time line, so sample n sounds at n / 16000 s; streams that
/// start late are preceded by silence, holes in the stream are filled with it.
struct AudioBlock {
  std::int64_t first_sample = 0;
  std::shared_ptr<const std::vector<float>> samples;

  [[nodiscard]] std::span<const float> view() const {
    return samples ? std::span<const float>(*samples) : std::span<const float>();
  }
};

}  // namespace cinescribe
