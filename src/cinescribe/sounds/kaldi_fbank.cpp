#include "cinescribe/sounds/kaldi_fbank.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "cinescribe/core/audio.h"
#include "cinescribe/sounds/mel_filters.h"
#include "cinescribe/sounds/power_spectrum.h"

namespace cinescribe::sounds {

namespace {

constexpr std::size_t kFrameSamples = 400;
constexpr std::size_t kHopSamples = 160;
constexpr std::size_t kFftLength = 512;
constexpr double kPreemphasis = 0.97;
constexpr double kLowHz = 20.0;
constexpr double kEnergyFloor = 1.1920928955078125e-07;  // float epsilon

std::array<double, kFrameSamples> symmetric_hann() {
  std::array<double, kFrameSamples> window{};
  for (std::size_t i = 0; i < kFrameSamples; ++i) {
    window[i] = 0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * static_cast<double>(i) / (kFrameSamples - 1));
  }
  return window;
}

/// Removes the mean, pre-emphasises and windows one frame.
void condition(std::span<const float> samples, std::span<const double> window, std::span<double> frame) {
  double mean = 0.0;
  for (const float s : samples) mean += static_cast<double>(s);
  mean /= static_cast<double>(kFrameSamples);
  double previous = static_cast<double>(samples[0]) - mean;
  for (std::size_t i = 0; i < kFrameSamples; ++i) {
    const double current = static_cast<double>(samples[i]) - mean;
    frame[i] = (current - kPreemphasis * previous) * window[i];
    previous = current;
  }
}

}  // namespace

std::size_t fbank_frames(std::size_t samples) {
  return samples < kFrameSamples ? 0 : 1 + (samples - kFrameSamples) / kHopSamples;
}

std::vector<float> kaldi_fbank(std::span<const float> samples, const FbankOptions& options) {
  static const auto window = symmetric_hann();
  const MelFilters filters(options.mel_bins, kFftLength, kAudioRateHz, kLowHz, kAudioRateHz / 2.0);
  PowerSpectrum spectrum(kFftLength);
  std::array<double, kFrameSamples> frame{};
  std::vector<double> power(spectrum.bins());
  std::vector<double> energies(options.mel_bins);

  std::vector<float> features(options.max_frames * options.mel_bins, 0.0F);
  const std::size_t frames = std::min(fbank_frames(samples.size()), options.max_frames);
  for (std::size_t t = 0; t < frames; ++t) {
    condition(samples.subspan(t * kHopSamples, kFrameSamples), window, frame);
    spectrum.compute(frame, power);
    filters.apply(power, energies);
    for (std::size_t m = 0; m < options.mel_bins; ++m) {
      features[t * options.mel_bins + m] = static_cast<float>(std::log(std::max(energies[m], kEnergyFloor)));
    }
  }
  if (options.is_normalized) {
    const auto mean = static_cast<float>(options.mean);
    const auto scale = static_cast<float>(2.0 * options.std);
    for (float& x : features) x = (x - mean) / scale;
  }
  return features;
}

}  // namespace cinescribe::sounds
