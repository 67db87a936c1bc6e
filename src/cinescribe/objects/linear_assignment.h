#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace cinescribe::objects {

/// Partner of every row and column; -1 = none.
struct Assignment {
  std::vector<int> row_to_column;
  std::vector<int> column_to_row;
};

/// Finds the partial one-to-one matching of rows and columns that minimises the sum of (cost - limit) over its pairs.
/// A pair that costs the limit or more is never chosen.
///
/// `costs` is rows × columns, row-major, finite (a cost that is not finite is never chosen). This equals a full
/// assignment in which leaving a row or a column alone costs limit / 2 each. Exact; O(n² m) by shortest augmenting
/// paths with potentials.
/// @source Jonker, Volgenant: "A shortest augmenting path algorithm for dense and sparse linear assignment problems",
///   1987
Assignment assign_below(std::span<const double> costs, std::size_t rows, std::size_t columns, double limit);

}  // namespace cinescribe::objects
