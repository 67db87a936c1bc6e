#include "cinescribe/scenes/cosine_transform.h"

#include <cmath>
#include <cstddef>
#include <numbers>

namespace cinescribe::scenes {
namespace {

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

}  // namespace

std::vector<float> low_frequencies(const std::vector<float>& values, int side, int keep) {
  const auto n = static_cast<std::size_t>(side);
  const auto kept = static_cast<std::size_t>(keep);
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

}  // namespace cinescribe::scenes
