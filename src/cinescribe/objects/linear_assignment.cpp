#include "cinescribe/objects/linear_assignment.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cinescribe::objects {

namespace {

/// Full assignment of every row to a column of its own; needs rows <= columns. Returns the row of each column.
std::vector<int> assign_rows(const std::vector<double>& costs, std::size_t rows, std::size_t columns) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  // Row and column 0 are sentinels: column 0 holds the row that is being placed.
  std::vector<double> row_potential(rows + 1, 0.0);
  std::vector<double> column_potential(columns + 1, 0.0);
  std::vector<std::size_t> row_of(columns + 1, 0);
  std::vector<std::size_t> previous(columns + 1, 0);
  std::vector<double> shortest(columns + 1);
  std::vector<char> is_done(columns + 1);
  for (std::size_t row = 1; row <= rows; ++row) {
    row_of[0] = row;
    std::size_t column = 0;
    std::fill(shortest.begin(), shortest.end(), kInfinity);
    std::fill(is_done.begin(), is_done.end(), 0);
    do {
      is_done[column] = 1;
      const std::size_t from = row_of[column];
      const double* line = costs.data() + (from - 1) * columns;
      double delta = kInfinity;
      std::size_t next = 0;
      for (std::size_t j = 1; j <= columns; ++j) {
        if (is_done[j] != 0) continue;
        const double reduced = line[j - 1] - row_potential[from] - column_potential[j];
        if (reduced < shortest[j]) {
          shortest[j] = reduced;
          previous[j] = column;
        }
        if (shortest[j] < delta) {
          delta = shortest[j];
          next = j;
        }
      }
      for (std::size_t j = 0; j <= columns; ++j) {
        if (is_done[j] != 0) {
          row_potential[row_of[j]] += delta;
          column_potential[j] -= delta;
        } else {
          shortest[j] -= delta;
        }
      }
      column = next;
    } while (row_of[column] != 0);
    while (column != 0) {
      row_of[column] = row_of[previous[column]];
      column = previous[column];
    }
  }
  std::vector<int> result(columns);
  for (std::size_t j = 0; j < columns; ++j) result[j] = static_cast<int>(row_of[j + 1]) - 1;
  return result;
}

}  // namespace

Assignment assign_below(std::span<const double> costs, std::size_t rows, std::size_t columns, double limit) {
  Assignment result{std::vector<int>(rows, -1), std::vector<int>(columns, -1)};
  // Rows and columns without any pair below the limit stay alone anyway: leave them out.
  std::vector<std::size_t> live_rows;
  std::vector<std::size_t> live_columns;
  std::vector<char> column_is_live(columns, 0);
  for (std::size_t i = 0; i < rows; ++i) {
    bool is_live = false;
    for (std::size_t j = 0; j < columns; ++j) {
      if (costs[i * columns + j] < limit) is_live = true, column_is_live[j] = 1;
    }
    if (is_live) live_rows.push_back(i);
  }
  for (std::size_t j = 0; j < columns; ++j) {
    if (column_is_live[j] != 0) live_columns.push_back(j);
  }
  if (live_rows.empty()) return result;
  const bool is_turned = live_rows.size() > live_columns.size();
  const auto& from = is_turned ? live_columns : live_rows;
  const auto& to = is_turned ? live_rows : live_columns;
  // What a pair gains over leaving both alone; 0 = no gain, i.e. alone.
  std::vector<double> gains(from.size() * to.size());
  for (std::size_t a = 0; a < from.size(); ++a) {
    for (std::size_t b = 0; b < to.size(); ++b) {
      const double cost = costs[is_turned ? to[b] * columns + from[a] : from[a] * columns + to[b]];
      gains[a * to.size() + b] = std::isfinite(cost) ? std::min(cost - limit, 0.0) : 0.0;
    }
  }
  const auto partner = assign_rows(gains, from.size(), to.size());
  for (std::size_t b = 0; b < to.size(); ++b) {
    if (partner[b] < 0) continue;
    const auto a = static_cast<std::size_t>(partner[b]);
    if (!(gains[a * to.size() + b] < 0.0)) continue;
    const std::size_t row = is_turned ? to[b] : from[a];
    const std::size_t column = is_turned ? from[a] : to[b];
    result.row_to_column[row] = static_cast<int>(column);
    result.column_to_row[column] = static_cast<int>(row);
  }
  return result;
}

}  // namespace cinescribe::objects
