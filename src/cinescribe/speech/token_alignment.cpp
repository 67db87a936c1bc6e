#include "cinescribe/speech/token_alignment.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace cinescribe::speech {

namespace {

constexpr std::size_t kFilter = 7;
constexpr std::size_t kReach = kFilter / 2;

float from_bf16(std::uint16_t x) { return std::bit_cast<float>(std::uint32_t{x} << 16U); }

/// Subtracts each column's mean and divides by its standard deviation; `values` has `rows` rows of `columns`.
void normalise_columns(std::vector<float>& values, std::size_t rows, std::size_t columns) {
  std::vector<float> mean(columns, 0.0F);
  std::vector<float> inverse(columns, 0.0F);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) mean[c] += values[r * columns + c];
  }
  for (float& value : mean) value /= static_cast<float>(rows);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      const float d = values[r * columns + c] - mean[c];
      inverse[c] += d * d;
    }
  }
  for (float& value : inverse) value = 1.0F / std::sqrt(value / static_cast<float>(rows) + 1e-9F);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      float& value = values[r * columns + c];
      value = (value - mean[c]) * inverse[c];
    }
  }
}

/// Adds the row, smoothed by a running median with reflected ends, to `sum`.
void add_smoothed(const DenseKernels& kernels, const float* row, std::size_t columns, float* sum) {
  std::vector<float> reflected(columns + 2 * kReach);
  std::copy_n(row, columns, reflected.begin() + kReach);
  for (std::size_t i = 1; i <= kReach; ++i) {
    reflected[kReach - i] = row[i];
    reflected[kReach + columns - 1 + i] = row[columns - 1 - i];
  }
  std::vector<float> smooth(columns);
  kernels.median_of_seven(reflected.data(), columns, smooth.data());
  kernels.add_scaled(1.0F, smooth.data(), columns, sum);
}

/// Dynamic time warping of `rows` tokens over `columns` positions, where `gain` is to be large along the path. Returns
/// the first column of each row on the path.
std::vector<std::size_t> warp(const std::vector<float>& gain, std::size_t rows, std::size_t columns) {
  enum class Step : std::uint8_t { kBoth, kRow, kColumn };
  constexpr float kFar = std::numeric_limits<float>::infinity();
  std::vector<Step> steps(rows * columns);
  std::vector<float> before(columns + 1, kFar);  // costs of the row above, shifted by one
  std::vector<float> here(columns + 1, kFar);
  before[0] = 0.0F;
  for (std::size_t r = 0; r < rows; ++r) {
    here[0] = kFar;
    for (std::size_t c = 0; c < columns; ++c) {
      const float both = before[c];
      const float row = before[c + 1];
      const float column = here[c];
      const bool is_both = both < row && both < column;
      const bool is_row = !is_both && row < both && row < column;
      steps[r * columns + c] = is_both ? Step::kBoth : is_row ? Step::kRow : Step::kColumn;
      here[c + 1] = (is_both ? both : is_row ? row : column) - gain[r * columns + c];
    }
    std::swap(before, here);
  }
  std::vector<std::size_t> first(rows, 0);
  std::size_t r = rows - 1;
  std::size_t c = columns - 1;
  while (true) {
    first[r] = c;
    if (r == 0 && c == 0) break;
    Step step = steps[r * columns + c];
    if (r == 0) step = Step::kColumn;
    if (c == 0) step = Step::kRow;
    if (step != Step::kColumn) --r;
    if (step != Step::kRow) --c;
  }
  return first;
}

}  // namespace

std::vector<std::size_t> align_tokens(const DenseKernels& kernels, std::span<const AttentionRow> rows, std::size_t lead,
                                      std::size_t trail, std::size_t positions) {
  if (rows.size() < lead + trail + 2) return {};
  const std::size_t tokens = rows.size() - lead - trail;
  if (positions <= kFilter || rows.front().empty()) return std::vector<std::size_t>(tokens - 1, 0);
  std::vector<float> gain(tokens * positions, 0.0F);
  std::vector<float> head(rows.size() * positions);
  for (std::size_t h = 0; h < rows.front().size(); ++h) {
    for (std::size_t r = 0; r < rows.size(); ++r) {
      std::transform(rows[r][h].begin(), rows[r][h].begin() + static_cast<std::ptrdiff_t>(positions),
                     head.begin() + static_cast<std::ptrdiff_t>(r * positions), from_bf16);
    }
    normalise_columns(head, rows.size(), positions);
    for (std::size_t t = 0; t < tokens; ++t) {
      add_smoothed(kernels, head.data() + (lead + t) * positions, positions, gain.data() + t * positions);
    }
  }
  const float share = 1.0F / static_cast<float>(rows.front().size());
  for (float& value : gain) value *= share;
  std::vector<std::size_t> first = warp(gain, tokens, positions);
  first.erase(first.begin());
  return first;
}

}  // namespace cinescribe::speech
