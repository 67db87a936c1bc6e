#pragma once

#include <cstdint>
#include <span>

namespace cinescribe::quality {

/// How one sequence becomes another with the fewest edits.
struct EditCounts {
  std::int64_t hits = 0;
  std::int64_t substitutions = 0;
  std::int64_t insertions = 0;  ///< Only in the result.
  std::int64_t deletions = 0;   ///< Only in the reference.

  [[nodiscard]] std::int64_t edits() const { return substitutions + insertions + deletions; }
  friend bool operator==(const EditCounts&, const EditCounts&) = default;
};

/// Levenshtein distance of two sequences of symbols, taken apart. Of several alignments with the fewest edits the one
/// with the most hits counts, so that the answer is unique. Memory grows with the length, time with length × edits.
/// Precondition: fewer than 2^31 symbols each.
/// @source V. Levenshtein 1966; the band around the diagonal: E. Ukkonen, Algorithms for approximate string matching,
/// 1985.
EditCounts edit_distance(std::span<const std::uint32_t> reference, std::span<const std::uint32_t> result);

/// The same with the reference anywhere within the result: what the result has before and after it is free.
EditCounts edit_distance_within(std::span<const std::uint32_t> reference, std::span<const std::uint32_t> result);

}  // namespace cinescribe::quality
