#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace cinescribe::sounds {

/// Settings of an AST feature extractor (`preprocessor_config.json`).
struct FbankOptions {
  std::size_t mel_bins = 128;
  std::size_t max_frames = 1024;  ///< Longer sound is cut, shorter is padded with 0 before normalisation.
  bool is_normalized = true;
  double mean = -4.2677393;
  double std = 4.5689974;  ///< Features become (x - mean) / (2 std).
};

/// Number of 25 ms frames every 10 ms that fit whole into `samples` samples at 16 kHz (0 below 400 samples).
std::size_t fbank_frames(std::size_t samples);

/// Log-mel features of sound, as Hugging Face's AST feature extractor computes them through Kaldi's filter bank.
///
/// `samples`: mono, 16 kHz, [-1, 1], any length (also empty). Returns max_frames × mel_bins, row-major, f32.
/// @source torchaudio.compliance.kaldi.fbank with Hann window, no dither, pre-emphasis 0.97, 20 Hz to Nyquist.
std::vector<float> kaldi_fbank(std::span<const float> samples, const FbankOptions& options);

}  // namespace cinescribe::sounds
