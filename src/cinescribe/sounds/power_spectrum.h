#pragma once

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace cinescribe::sounds {

/// Squared magnitudes of the real discrete Fourier transform of one length, a power of two of at least 4.
///
/// Works in double precision: the log of near-empty bins beside strong tones shows the transform's rounding otherwise.
/// Not thread-safe (keeps scratch); make one per thread.
class PowerSpectrum {
 public:
  explicit PowerSpectrum(std::size_t length);

  [[nodiscard]] std::size_t length() const { return length_; }
  /// Number of output bins: length / 2 + 1 (0 Hz to Nyquist).
  [[nodiscard]] std::size_t bins() const { return length_ / 2 + 1; }
  /// `frame` holds at most `length()` samples and is padded with zeros; `power` receives `bins()` values.
  void compute(std::span<const double> frame, std::span<double> power);

 private:
  std::size_t length_;
  std::vector<std::size_t> bit_reversed_;            ///< Of the half-length complex transform.
  std::vector<std::complex<double>> half_twiddles_;  ///< exp(-2πi k / (length/2))
  std::vector<std::complex<double>> twiddles_;       ///< exp(-2πi k / length)
  std::vector<std::complex<double>> work_;
};

}  // namespace cinescribe::sounds
