#include "cinescribe/sounds/power_spectrum.h"

#include <algorithm>
#include <numbers>

namespace cinescribe::sounds {

namespace {

std::vector<std::complex<double>> roots_of_unity(std::size_t n, std::size_t count) {
  std::vector<std::complex<double>> roots(count);
  for (std::size_t k = 0; k < count; ++k) {
    const double angle = -2.0 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n);
    roots[k] = std::polar(1.0, angle);
  }
  return roots;
}

}  // namespace

PowerSpectrum::PowerSpectrum(std::size_t length)
    : length_(length),
      bit_reversed_(length / 2),
      half_twiddles_(roots_of_unity(length / 2, length / 4)),
      twiddles_(roots_of_unity(length, length / 2)),
      work_(length / 2) {
  const std::size_t half = length / 2;
  for (std::size_t i = 0, reversed = 0; i < half; ++i) {
    bit_reversed_[i] = reversed;
    std::size_t bit = half >> 1;
    for (; bit != 0 && (reversed & bit) != 0; bit >>= 1) reversed ^= bit;
    reversed |= bit;
  }
}

void PowerSpectrum::compute(std::span<const double> frame, std::span<double> power) {
  // Even samples are the real, odd samples the imaginary parts of a transform of half the length.
  const std::size_t half = length_ / 2;
  const auto sample = [&](std::size_t i) { return i < frame.size() ? frame[i] : 0.0; };
  for (std::size_t i = 0; i < half; ++i) work_[bit_reversed_[i]] = {sample(2 * i), sample(2 * i + 1)};
  for (std::size_t span = 1; span < half; span *= 2) {
    const std::size_t step = half / (2 * span);
    for (std::size_t start = 0; start < half; start += 2 * span) {
      for (std::size_t k = 0; k < span; ++k) {
        const std::complex<double> odd = work_[start + span + k] * half_twiddles_[k * step];
        work_[start + span + k] = work_[start + k] - odd;
        work_[start + k] += odd;
      }
    }
  }
  for (std::size_t k = 0; k <= half; ++k) {
    const std::complex<double> a = work_[k % half];
    const std::complex<double> b = std::conj(work_[(half - k) % half]);
    const std::complex<double> even = 0.5 * (a + b);
    const std::complex<double> odd = std::complex<double>(0.0, -0.5) * (a - b);
    const std::complex<double> root = k < half ? twiddles_[k] : std::complex<double>(-1.0, 0.0);
    power[k] = std::norm(even + root * odd);
  }
}

}  // namespace cinescribe::sounds
