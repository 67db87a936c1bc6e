#pragma once

#include <vector>

namespace cinescribe::bench {

/// Repeats of one figure. With few repeats nothing but the middle and the ends can be told honestly.
struct Spread {
  double median = 0.0;
  double min = 0.0;
  double max = 0.0;
  int count = 0;

  /// (max - min) / median; 0 where there is nothing to divide.
  [[nodiscard]] double relative() const { return median > 0.0 ? (max - min) / median : 0.0; }
};

/// All zero for no values.
Spread spread_of(std::vector<double> values);

/// The value below which the share `p` (0 to 1) of the values lies, on the straight line between the two nearest, as
/// numpy's default does it; 0 for no values.
double percentile(std::vector<double> values, double p);

}  // namespace cinescribe::bench
