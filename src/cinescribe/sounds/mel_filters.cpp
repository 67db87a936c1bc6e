#include "cinescribe/sounds/mel_filters.h"

#include <algorithm>
#include <cmath>

namespace cinescribe::sounds {

namespace {

double mel(double hz) { return 1127.0 * std::log(1.0 + hz / 700.0); }

}  // namespace

MelFilters::MelFilters(std::size_t filters, std::size_t fft_length, double rate_hz, double low_hz, double high_hz,
                       std::size_t first_bin) {
  const double low = mel(low_hz);
  const double delta = (mel(high_hz) - low) / static_cast<double>(filters + 1);
  for (std::size_t filter = 0; filter < filters; ++filter) {
    const double left = low + static_cast<double>(filter) * delta;
    const double right = left + 2.0 * delta;
    Range range{0, weights_.size(), 0};
    for (std::size_t bin = first_bin; bin < fft_length / 2; ++bin) {
      const double m = mel(static_cast<double>(bin) * rate_hz / static_cast<double>(fft_length));
      const double weight = std::min((m - left) / delta, (right - m) / delta);
      if (weight <= 0.0) continue;
      if (range.count == 0) range.first_bin = bin;
      weights_.push_back(weight);
      ++range.count;
    }
    ranges_.push_back(range);
  }
}

void MelFilters::apply(std::span<const double> spectrum, std::span<double> energies) const {
  for (std::size_t filter = 0; filter < ranges_.size(); ++filter) {
    const Range& range = ranges_[filter];
    double sum = 0.0;
    for (std::size_t i = 0; i < range.count; ++i) {
      sum += weights_[range.weight_offset + i] * spectrum[range.first_bin + i];
    }
    energies[filter] = sum;
  }
}

}  // namespace cinescribe::sounds
