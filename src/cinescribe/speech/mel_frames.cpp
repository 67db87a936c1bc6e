#include "cinescribe/speech/mel_frames.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cinescribe::speech {

namespace {

constexpr std::size_t kWindow = 400;
constexpr std::size_t kHop = 160;
constexpr std::size_t kHalf = kWindow / 2;
constexpr std::size_t kBins = kHalf + 1;
constexpr std::size_t kBinWidth = 256;  // whole panels
constexpr std::size_t kFramesAtOnce = 96;
constexpr float kFloor = 1e-10F;

}  // namespace

MelFrames::MelFrames(const DenseKernels& kernels, std::span<const float> filters, std::size_t bands)
    : kernels_(kernels),
      bands_(bands),
      window_(kWindow),
      cosines_(kBins * kBinWidth),
      sines_(kBins * kBinWidth),
      filter_width_((bands + kPanelWidth - 1) / kPanelWidth * kPanelWidth) {
  for (std::size_t i = 0; i < kWindow; ++i) {
    const double angle = 2.0 * std::numbers::pi * static_cast<double>(i) / kWindow;
    window_[i] = static_cast<float>(0.5 * (1.0 - std::cos(angle)));
  }
  for (std::size_t sample = 0; sample < kBins; ++sample) {
    for (std::size_t bin = 0; bin < kBins; ++bin) {
      const double angle = 2.0 * std::numbers::pi * static_cast<double>(sample * bin % kWindow) / kWindow;
      cosines_.data()[sample * kBinWidth + bin] = static_cast<float>(std::cos(angle));
      sines_.data()[sample * kBinWidth + bin] = static_cast<float>(std::sin(angle));
    }
  }
  filters_ = AlignedArray<float>(kBins * filter_width_);
  for (std::size_t band = 0; band < bands; ++band) {
    for (std::size_t bin = 0; bin < kBins; ++bin) {
      filters_.data()[bin * filter_width_ + band] = filters[band * kBins + bin];
    }
  }
}

std::vector<float> MelFrames::compute(std::span<const float> samples, std::size_t frames) const {
  // Half a window of reflected sound in front; behind the sound everything is zero, and so are frames beyond it.
  std::vector<float> padded(kHalf + samples.size() + kWindow, 0.0F);
  for (std::size_t i = 0; i < kHalf; ++i) padded[i] = samples[kHalf - i];
  std::copy(samples.begin(), samples.end(), padded.begin() + kHalf);
  const std::size_t sounding = std::min(frames, (kHalf + samples.size()) / kHop + 1);
  std::vector<float> mel(frames * bands_, std::log10(kFloor));

  // A DFT of real numbers: x[n] + x[400 - n] meets the cosines, x[n] - x[400 - n] the sines.
  std::vector<float> even(kFramesAtOnce * kBins);
  std::vector<float> odd(kFramesAtOnce * kBins);
  std::vector<float> power(kFramesAtOnce * kBinWidth);
  std::vector<float> imaginary(kFramesAtOnce * kBinWidth);
  std::vector<float> energy(kFramesAtOnce * filter_width_);
  for (std::size_t first = 0; first < sounding; first += kFramesAtOnce) {
    const std::size_t count = std::min(kFramesAtOnce, sounding - first);
    for (std::size_t f = 0; f < count; ++f) {
      const float* x = padded.data() + (first + f) * kHop;
      float* sums = even.data() + f * kBins;
      float* differences = odd.data() + f * kBins;
      sums[0] = window_[0] * x[0];
      sums[kHalf] = window_[kHalf] * x[kHalf];
      differences[0] = differences[kHalf] = 0.0F;
      for (std::size_t i = 1; i < kHalf; ++i) {
        const float a = window_[i] * x[i];
        const float b = window_[kWindow - i] * x[kWindow - i];
        sums[i] = a + b;
        differences[i] = a - b;
      }
    }
    kernels_.multiply_f32(even.data(), kBins, count, cosines_.data(), kBins, kBinWidth, power.data(), kBinWidth);
    kernels_.multiply_f32(odd.data(), kBins, count, sines_.data(), kBins, kBinWidth, imaginary.data(), kBinWidth);
    for (std::size_t i = 0; i < count * kBinWidth; ++i) power[i] = power[i] * power[i] + imaginary[i] * imaginary[i];
    kernels_.multiply_f32(power.data(), kBinWidth, count, filters_.data(), kBins, filter_width_, energy.data(),
                          filter_width_);
    for (std::size_t f = 0; f < count; ++f) {
      for (std::size_t band = 0; band < bands_; ++band) {
        mel[(first + f) * bands_ + band] = std::log10(std::max(energy[f * filter_width_ + band], kFloor));
      }
    }
  }
  const float loudest = *std::max_element(mel.begin(), mel.end());
  for (float& value : mel) value = (std::max(value, loudest - 8.0F) + 4.0F) / 4.0F;
  return mel;
}

}  // namespace cinescribe::speech
