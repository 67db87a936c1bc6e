#include "cinescribe/bench/statistics.h"

#include <algorithm>
#include <cmath>

namespace cinescribe::bench {

namespace {

double percentile_of_sorted(const std::vector<double>& values, double p) {
  if (values.empty()) return 0.0;
  const double place = std::clamp(p, 0.0, 1.0) * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(place));
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (values[above] - values[below]) * (place - static_cast<double>(below));
}

}  // namespace

Spread spread_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  return {percentile_of_sorted(values, 0.5), values.front(), values.back(), static_cast<int>(values.size())};
}

double percentile(std::vector<double> values, double p) {
  std::sort(values.begin(), values.end());
  return percentile_of_sorted(values, p);
}

}  // namespace cinescribe::bench
