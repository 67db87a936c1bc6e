#include "cinescribe/models/slaney_filters.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace cinescribe::models {

namespace {

constexpr int kBins = 201;
constexpr double kHighestHz = 8000.0;
constexpr double kHzPerMel = 200.0 / 3.0;  // The linear part of the scale, below 1 kHz.
constexpr double kKneeHz = 1000.0;
constexpr double kKneeMel = kKneeHz / kHzPerMel;

double log_step() { return std::log(6.4) / 27.0; }

double mel_to_hz(double mel) {
  return mel < kKneeMel ? kHzPerMel * mel : kKneeHz * std::exp(log_step() * (mel - kKneeMel));
}

}  // namespace

std::vector<float> slaney_filters(int n_mels) {
  const double highest_mel = kKneeMel + std::log(kHighestHz / kKneeHz) / log_step();
  std::vector<double> corners_hz(static_cast<std::size_t>(n_mels) + 2);
  for (std::size_t i = 0; i < corners_hz.size(); ++i) {
    corners_hz[i] = mel_to_hz(highest_mel * static_cast<double>(i) / static_cast<double>(n_mels + 1));
  }
  std::vector<float> filters;
  filters.reserve(static_cast<std::size_t>(n_mels) * kBins);
  for (std::size_t band = 0; band + 2 < corners_hz.size(); ++band) {
    const double low = corners_hz[band];
    const double middle = corners_hz[band + 1];
    const double high = corners_hz[band + 2];
    for (int bin = 0; bin < kBins; ++bin) {
      const double hz = kHighestHz * bin / (kBins - 1);
      const double height = std::min((hz - low) / (middle - low), (high - hz) / (high - middle));
      filters.push_back(static_cast<float>(std::max(0.0, height) * 2.0 / (high - low)));
    }
  }
  return filters;
}

}  // namespace cinescribe::models
