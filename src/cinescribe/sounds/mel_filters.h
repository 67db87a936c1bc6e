#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace cinescribe::sounds {

/// Triangular filters, equally spaced on the HTK mel scale 1127 ln(1 + f/700), evaluated in mel space, not normalised.
///
/// @source Kaldi's filter bank, as torchaudio.compliance.kaldi computes it; YAMNet uses the same triangles.
class MelFilters {
 public:
  /// `fft_length` points at `rate_hz`; the Nyquist bin has weight 0, bin 0 is used only when `first_bin` is 0.
  MelFilters(std::size_t filters, std::size_t fft_length, double rate_hz, double low_hz, double high_hz,
             std::size_t first_bin = 0);

  [[nodiscard]] std::size_t size() const { return ranges_.size(); }
  /// Weighted sums of `spectrum` (fft_length / 2 + 1 values) into `energies` (`size()` values).
  void apply(std::span<const double> spectrum, std::span<double> energies) const;

 private:
  struct Range {
    std::size_t first_bin = 0;
    std::size_t weight_offset = 0;
    std::size_t count = 0;
  };
  std::vector<Range> ranges_;
  std::vector<double> weights_;
};

}  // namespace cinescribe::sounds
