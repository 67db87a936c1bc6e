#include "cinescribe/objects/linear_assignment.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>

namespace cinescribe::objects {
namespace {

/// Smallest sum of (cost - limit) over all partial matchings, by trying them all.
double best_by_trying(const std::vector<double>& costs, std::size_t rows, std::size_t columns, double limit,
                      std::size_t row = 0, unsigned used = 0) {
  if (row == rows) return 0.0;
  double best = best_by_trying(costs, rows, columns, limit, row + 1, used);
  for (std::size_t j = 0; j < columns; ++j) {
    if ((used >> j & 1U) != 0) continue;
    const double gain = costs[row * columns + j] - limit;
    best = std::min(best, gain + best_by_trying(costs, rows, columns, limit, row + 1, used | 1U << j));
  }
  return best;
}

double value_of(const Assignment& assignment, const std::vector<double>& costs, std::size_t columns, double limit) {
  double sum = 0.0;
  for (std::size_t i = 0; i < assignment.row_to_column.size(); ++i) {
    const int j = assignment.row_to_column[i];
    if (j >= 0) sum += costs[i * columns + static_cast<std::size_t>(j)] - limit;
  }
  return sum;
}

TEST(LinearAssignment, IsAsGoodAsTheBestOfAllMatchingsOnEverySmallShape) {
  std::uint32_t state = 7;
  const auto random = [&state] {
    state = state * 1664525U + 1013904223U;
    return static_cast<double>(state >> 8U) / static_cast<double>(1U << 24U);
  };
  for (int round = 0; round < 400; ++round) {
    const std::size_t rows = static_cast<std::size_t>(round) % 6;
    const std::size_t columns = static_cast<std::size_t>(round / 6) % 6;
    std::vector<double> costs(rows * columns);
    for (auto& cost : costs) cost = random();
    const double limit = 0.2 + 0.7 * random();
    const auto assignment = assign_below(costs, rows, columns, limit);
    EXPECT_NEAR(value_of(assignment, costs, columns, limit), best_by_trying(costs, rows, columns, limit), 1e-12);
    for (std::size_t i = 0; i < rows; ++i) {
      const int j = assignment.row_to_column[i];
      if (j < 0) continue;
      EXPECT_EQ(assignment.column_to_row[static_cast<std::size_t>(j)], static_cast<int>(i));
      EXPECT_LT(costs[i * columns + static_cast<std::size_t>(j)], limit);
    }
  }
}

TEST(LinearAssignment, LeavesABetterPairForTheSakeOfTheWhole) {
  // Taking the best pair (0.1) would leave the other row with 0.9.
  const auto assignment = assign_below(std::vector<double>{0.1, 0.2, 0.2, 0.9}, 2, 2, 0.95);
  EXPECT_EQ(assignment.row_to_column, (std::vector<int>{1, 0}));
}

TEST(LinearAssignment, NeverChoosesACostThatIsNotFinite) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const auto assignment = assign_below(std::vector<double>{nan, infinity, -infinity, nan}, 2, 2, 1.0);
  EXPECT_EQ(assignment.row_to_column, (std::vector<int>{-1, -1}));
}

TEST(LinearAssignment, HandlesHundredsOfRowsAndColumns) {
  constexpr std::size_t kSize = 300;
  std::vector<double> costs(kSize * kSize, 0.5);
  for (std::size_t i = 0; i < kSize; ++i) costs[i * kSize + (i * 7 + 3) % kSize] = 0.1;
  const auto assignment = assign_below(costs, kSize, kSize, 0.8);
  for (std::size_t i = 0; i < kSize; ++i) EXPECT_EQ(assignment.row_to_column[i], static_cast<int>((i * 7 + 3) % kSize));
}

}  // namespace
}  // namespace cinescribe::objects
