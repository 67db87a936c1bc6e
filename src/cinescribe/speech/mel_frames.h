#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "cinescribe/speech/aligned_array.h"
#include "cinescribe/speech/dense_kernels.h"

namespace cinescribe::speech {

/// Whisper's picture of sound: log10 of the energy in mel bands, one frame per 10 ms, at most 8 below the loudest,
/// then (x + 4) / 4. Thread-safe.
/// @source openai/whisper audio.py, log_mel_spectrogram: Hann window and DFT of 400, reflected at the beginning
class MelFrames {
 public:
  /// `filters`: `bands` rows of 201.
  MelFrames(const DenseKernels& kernels, std::span<const float> filters, std::size_t bands);

  /// `frames` rows of `bands` numbers; the sound (16 kHz, [-1, 1]) is followed by silence.
  /// Precondition: at least 201 samples.
  [[nodiscard]] std::vector<float> compute(std::span<const float> samples, std::size_t frames) const;

 private:
  const DenseKernels& kernels_;
  std::size_t bands_;
  std::vector<float> window_;
  AlignedArray<float> cosines_;  // [sample][bin]
  AlignedArray<float> sines_;
  AlignedArray<float> filters_;  // [bin][band]
  std::size_t filter_width_;
};

}  // namespace cinescribe::speech
