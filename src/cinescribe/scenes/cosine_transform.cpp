#include "cinescribe/scenes/cosine_transform.h"

#include <cmath>
#include <complex>
#include <cstddef>
#include <numbers>

namespace cinescribe::scenes {
namespace {

struct Turn {
  float re = 0.0F;
  float im = 0.0F;
};
using Values = std::vector<Turn>;

/// A one-dimensional cosine transform of a power-of-two length through a complex Fourier transform of half of it.
class FastTransform {
 public:
  explicit FastTransform(std::size_t length) : length_(length), spectrum_(length), complex_(length / 2) {
    const double step = 2.0 * std::numbers::pi / static_cast<double>(length);
    const double scale = static_cast<float>(std::sqrt(2.0 / static_cast<double>(length)));  // OpenCV keeps it in float
    for (std::size_t i = 0; i < length; ++i) {
      const double angle = step * static_cast<double>(i);
      turns_.push_back({static_cast<float>(std::cos(angle)), static_cast<float>(-std::sin(angle))});
      quarter_turns_.push_back(
          {static_cast<float>(scale * std::cos(angle / 4.0)), static_cast<float>(scale * -std::sin(angle / 4.0))});
    }
  }

  /// In place on values `step` apart.
  void apply(float* values, std::size_t step);

 private:
  void fourier();
  void butterflies(std::size_t size);
  void last_pairs();
  void real_fourier(const std::vector<float>& in);

  std::size_t length_;
  std::vector<float> spectrum_;
  Values complex_;
  Values turns_;
  Values quarter_turns_;
};

std::size_t reversed_bits(std::size_t value, std::size_t size) {
  std::size_t result = 0;
  for (std::size_t bit = 1; bit < size; bit <<= 1U) {
    result = (result << 1U) | (value & 1U);
    value >>= 1U;
  }
  return result;
}

/// One pass that joins four transforms of size / 4.
void FastTransform::butterflies(std::size_t size) {
  const std::size_t quarter = size / 4;
  const std::size_t stride = length_ / size;  // of the turns, which are for the full length
  for (std::size_t start = 0; start < complex_.size(); start += size) {
    for (std::size_t j = 0; j < quarter; ++j) {
      Turn* a = &complex_[start + j];
      Turn b = a[quarter];
      Turn c = a[2 * quarter];
      Turn d = a[3 * quarter];
      if (j > 0) {
        const auto turned = [](Turn value, Turn w) {
          return Turn{value.re * w.re - value.im * w.im, value.re * w.im + value.im * w.re};
        };
        b = turned(b, turns_[2 * j * stride]);
        c = turned(c, turns_[j * stride]);
        d = turned(d, turns_[3 * j * stride]);
      }
      const Turn sum_cd{c.re + d.re, c.im + d.im};
      const Turn cross_cd{c.im - d.im, d.re - c.re};
      const Turn sum_ab{a[0].re + b.re, a[0].im + b.im};
      const Turn difference_ab{a[0].re - b.re, a[0].im - b.im};
      a[0] = {sum_ab.re + sum_cd.re, sum_ab.im + sum_cd.im};
      a[2 * quarter] = {sum_ab.re - sum_cd.re, sum_ab.im - sum_cd.im};
      a[quarter] = {difference_ab.re + cross_cd.re, difference_ab.im + cross_cd.im};
      a[3 * quarter] = {difference_ab.re - cross_cd.re, difference_ab.im - cross_cd.im};
    }
  }
}

/// The pass that joins two halves, where the length is no power of four.
void FastTransform::last_pairs() {
  const std::size_t half = complex_.size() / 2;
  for (std::size_t j = 0; j < half; ++j) {
    Turn* a = &complex_[j];
    Turn b = a[half];
    if (j > 0) {
      const Turn w = turns_[2 * j];
      b = {b.re * w.re - b.im * w.im, b.im * w.re + b.re * w.im};
    }
    const Turn first = a[0];
    a[0] = {first.re + b.re, first.im + b.im};
    a[half] = {first.re - b.re, first.im - b.im};
  }
}

void FastTransform::fourier() {
  std::size_t size = 1;
  for (; size * 4 <= complex_.size(); size *= 4) butterflies(size * 4);
  if (size < complex_.size()) last_pairs();
}

/// Packed spectrum: Re 0, Re 1, Im 1, ..., Re n/2.
void FastTransform::real_fourier(const std::vector<float>& in) {
  const std::size_t n = length_;
  const std::size_t half = n / 2;
  for (std::size_t i = 0; i < half; ++i) {
    const std::size_t from = reversed_bits(i, half);
    complex_[i] = {in[2 * from], in[2 * from + 1]};
  }
  fourier();
  spectrum_[0] = complex_[0].re + complex_[0].im;
  spectrum_[n - 1] = complex_[0].re - complex_[0].im;
  for (std::size_t k = 1; 2 * k < half; ++k) {
    const Turn a = complex_[k];
    const Turn b = complex_[half - k];
    const Turn odd{0.5F * (a.im + b.im), 0.5F * (b.re - a.re)};
    const Turn even{0.5F * (a.re + b.re), 0.5F * (a.im - b.im)};
    const Turn w = turns_[k];
    const Turn turned{odd.re * w.re - odd.im * w.im, odd.re * w.im + odd.im * w.re};
    spectrum_[2 * k - 1] = even.re + turned.re;
    spectrum_[2 * k] = even.im + turned.im;
    spectrum_[n - 2 * k - 1] = even.re - turned.re;
    spectrum_[n - 2 * k] = turned.im - even.im;
  }
  if (half >= 2) {
    spectrum_[half - 1] = complex_[half / 2].re;
    spectrum_[half] = -complex_[half / 2].im;
  }
}

void FastTransform::apply(float* values, std::size_t step) {
  constexpr auto kSin45 = static_cast<float>(0.70710678118654752440);
  const std::size_t n = length_;
  const std::size_t half = n / 2;
  std::vector<float> folded(n);
  for (std::size_t j = 0; j < half; ++j) {
    folded[j] = values[2 * j * step];
    folded[n - j - 1] = values[(2 * j + 1) * step];
  }
  real_fourier(folded);
  values[0] = spectrum_[0] * quarter_turns_[0].re * kSin45;
  for (std::size_t j = 1; j < half; ++j) {
    const Turn w = quarter_turns_[j];
    values[j * step] = w.re * spectrum_[2 * j - 1] - w.im * spectrum_[2 * j];
    values[(n - j) * step] = -w.im * spectrum_[2 * j - 1] - w.re * spectrum_[2 * j];
  }
  values[half * step] = spectrum_[n - 1] * quarter_turns_[half].re;
}

/// keep × side matrix of basis rows.
std::vector<double> basis(std::size_t side, std::size_t keep) {
  std::vector<double> rows(keep * side);
  for (std::size_t k = 0; k < keep; ++k) {
    const double scale = std::sqrt((k == 0 ? 1.0 : 2.0) / static_cast<double>(side));
    for (std::size_t x = 0; x < side; ++x) {
      rows[k * side + x] =
          scale * std::cos(std::numbers::pi * static_cast<double>((2 * x + 1) * k) / (2.0 * static_cast<double>(side)));
    }
  }
  return rows;
}

/// By matrix products, for any length.
std::vector<float> by_products(const std::vector<float>& values, std::size_t n, std::size_t kept) {
  const std::vector<double> rows = basis(n, kept);
  std::vector<double> half(n * kept);  // each picture row transformed
  for (std::size_t y = 0; y < n; ++y) {
    for (std::size_t k = 0; k < kept; ++k) {
      double sum = 0.0;
      for (std::size_t x = 0; x < n; ++x) sum += rows[k * n + x] * static_cast<double>(values[y * n + x]);
      half[y * kept + k] = sum;
    }
  }
  std::vector<float> result(kept * kept);
  for (std::size_t j = 0; j < kept; ++j) {
    for (std::size_t k = 0; k < kept; ++k) {
      double sum = 0.0;
      for (std::size_t y = 0; y < n; ++y) sum += rows[j * n + y] * half[y * kept + k];
      result[j * kept + k] = static_cast<float>(sum);
    }
  }
  return result;
}

}  // namespace

std::vector<float> low_frequencies(const std::vector<float>& values, int side, int keep) {
  const auto n = static_cast<std::size_t>(side);
  const auto kept = static_cast<std::size_t>(keep);
  const bool is_power_of_two = n >= 2 && (n & (n - 1)) == 0;
  if (!is_power_of_two) return by_products(values, n, kept);
  FastTransform transform(n);
  std::vector<float> work = values;
  for (std::size_t y = 0; y < n; ++y) transform.apply(&work[y * n], 1);
  for (std::size_t x = 0; x < kept; ++x) transform.apply(&work[x], n);
  std::vector<float> result;
  result.reserve(kept * kept);
  for (std::size_t y = 0; y < kept; ++y) {
    for (std::size_t x = 0; x < kept; ++x) result.push_back(work[y * n + x]);
  }
  return result;
}

}  // namespace cinescribe::scenes
