#include "cinescribe/quality/edit_distance.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

namespace cinescribe::quality {

namespace {

using Symbols = std::span<const std::uint32_t>;

// A cost is edits × 2^32 + substitutions: the smallest has the fewest edits, among these the most hits.
constexpr std::uint64_t kEdit = 1ULL << 32U;
constexpr std::uint64_t kSubstitution = kEdit + 1;
constexpr std::uint64_t kUnreachable = std::numeric_limits<std::uint64_t>::max() / 2;

/// The least cost over alignments that stay within `band` of the diagonal.
std::uint64_t banded_cost(Symbols reference, Symbols result, std::size_t band) {
  const std::size_t width = result.size();
  std::vector<std::uint64_t> above(width + 1, kUnreachable);
  std::vector<std::uint64_t> row(width + 1, kUnreachable);
  for (std::size_t j = 0; j <= std::min(band, width); ++j) above[j] = j * kEdit;
  for (std::size_t i = 1; i <= reference.size(); ++i) {
    const std::size_t first = i > band ? i - band : 0;
    const std::size_t last = std::min(width, i + band);
    if (first > 0) row[first - 1] = kUnreachable;
    for (std::size_t j = first; j <= last; ++j) {
      std::uint64_t best = above[j] + kEdit;
      if (j > 0) {
        const bool is_hit = reference[i - 1] == result[j - 1];
        best = std::min({best, row[j - 1] + kEdit, above[j - 1] + (is_hit ? 0 : kSubstitution)});
      }
      row[j] = best;
    }
    if (last < width) row[last + 1] = kUnreachable;
    std::swap(row, above);
  }
  return above[width];
}

EditCounts counts_of(std::uint64_t cost, std::size_t reference_size, std::size_t result_size) {
  const auto edits = static_cast<std::int64_t>(cost >> 32U);
  EditCounts counts;
  counts.substitutions = static_cast<std::int64_t>(cost & (kEdit - 1));
  // Insertions and deletions follow from their sum and from the lengths.
  const std::int64_t surplus = static_cast<std::int64_t>(result_size) - static_cast<std::int64_t>(reference_size);
  counts.insertions = (edits - counts.substitutions + surplus) / 2;
  counts.deletions = counts.insertions - surplus;
  counts.hits = static_cast<std::int64_t>(reference_size) - counts.substitutions - counts.deletions;
  return counts;
}

}  // namespace

EditCounts edit_distance(Symbols reference, Symbols result) {
  const std::size_t longest = std::max(reference.size(), result.size());
  constexpr std::size_t kFirstBand = 64;
  std::size_t band = longest - std::min(reference.size(), result.size()) + kFirstBand;
  while (true) {
    const std::uint64_t cost = banded_cost(reference, result, band);
    // An alignment with at most `band` edits cannot leave the band.
    if (cost / kEdit <= band || band >= longest) return counts_of(cost, reference.size(), result.size());
    band *= 2;
  }
}

EditCounts edit_distance_within(Symbols reference, Symbols result) {
  // Costs by how much of the reference was read, and where that reading began in the result.
  struct Cell {
    std::uint64_t cost = 0;
    std::size_t begin = 0;
    bool operator<(const Cell& other) const { return cost < other.cost; }
    [[nodiscard]] Cell plus(std::uint64_t more) const { return {cost + more, begin}; }
  };
  std::vector<Cell> left(reference.size() + 1);
  std::vector<Cell> column(reference.size() + 1);
  for (std::size_t i = 0; i <= reference.size(); ++i) left[i] = {i * kEdit, 0};
  Cell best = left.back();
  std::size_t end = 0;
  for (std::size_t j = 1; j <= result.size(); ++j) {
    column[0] = {0, j};
    for (std::size_t i = 1; i <= reference.size(); ++i) {
      const bool is_hit = reference[i - 1] == result[j - 1];
      column[i] =
          std::min({left[i - 1].plus(is_hit ? 0 : kSubstitution), column[i - 1].plus(kEdit), left[i].plus(kEdit)});
    }
    if (column.back() < best) {
      best = column.back();
      end = j;
    }
    std::swap(left, column);
  }
  return counts_of(best.cost, reference.size(), end - best.begin);
}

}  // namespace cinescribe::quality
