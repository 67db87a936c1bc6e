#include "cinescribe/quality/edit_distance.h"

#include <algorithm>
#include <random>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace cinescribe::quality {
namespace {

using Symbols = std::vector<std::uint32_t>;

Symbols symbols(std::string_view text) { return {text.begin(), text.end()}; }

EditCounts distance(std::string_view reference, std::string_view result) {
  return edit_distance(symbols(reference), symbols(result));
}

/// The whole table, without a band.
std::int64_t plain_distance(const Symbols& a, const Symbols& b) {
  std::vector<std::vector<std::int64_t>> table(a.size() + 1, std::vector<std::int64_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        table[i][j] = static_cast<std::int64_t>(i + j);
        continue;
      }
      table[i][j] = std::min({table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
    }
  }
  return table[a.size()][b.size()];
}

TEST(EditDistance, ClassicExamplesComeOutAsInTheBooks) {
  EXPECT_EQ(distance("kitten", "sitting"), (EditCounts{4, 2, 1, 0}));
  EXPECT_EQ(distance("abc", ""), (EditCounts{0, 0, 0, 3}));
  EXPECT_EQ(distance("", "abc"), (EditCounts{0, 0, 3, 0}));
  EXPECT_EQ(distance("", ""), (EditCounts{0, 0, 0, 0}));
  EXPECT_EQ(distance("same", "same"), (EditCounts{4, 0, 0, 0}));
}

TEST(EditDistance, OfTwoAlignmentsWithEquallyManyEditsTheOneWithMoreHitsCounts) {
  // Two substitutions, or one deletion and one insertion around the hit 'b'.
  EXPECT_EQ(distance("ab", "bc"), (EditCounts{1, 0, 1, 1}));
}

TEST(EditDistance, TheBandGrowsUntilItHoldsTheBestAlignment) {
  std::mt19937 random(11);
  for (const int edits : {0, 40, 150, 600}) {
    Symbols reference(700);
    for (auto& symbol : reference) symbol = random() % 5;
    Symbols result = reference;
    for (int i = 0; i < edits; ++i) {
      const auto at = static_cast<std::ptrdiff_t>(random() % result.size());
      if (random() % 2 == 0) {
        result.erase(result.begin() + at);
        result.insert(result.end() - at % 50, random() % 5);
      } else {
        result[static_cast<std::size_t>(at)] = random() % 5;
      }
    }
    const EditCounts counts = edit_distance(reference, result);
    EXPECT_EQ(counts.edits(), plain_distance(reference, result)) << edits;
    EXPECT_EQ(counts.hits + counts.substitutions + counts.deletions, 700);
    EXPECT_EQ(counts.hits + counts.substitutions + counts.insertions, static_cast<std::int64_t>(result.size()));
  }
}

TEST(EditDistance, ABlockThatMovedFarLeavesTheFirstBand) {
  Symbols reference(300);
  for (std::size_t i = 0; i < reference.size(); ++i) reference[i] = static_cast<std::uint32_t>(i);
  Symbols result = reference;
  std::rotate(result.begin(), result.begin() + 120, result.end());
  EXPECT_EQ(edit_distance(reference, result), (EditCounts{180, 0, 120, 120}));
}

TEST(EditDistanceWithin, WhatStandsAroundTheReferenceIsFree) {
  const auto within = [](std::string_view reference, std::string_view result) {
    return edit_distance_within(symbols(reference), symbols(result));
  };
  EXPECT_EQ(within("EXIT 12", "The sign reads EXIT 12 in green."), (EditCounts{7, 0, 0, 0}));
  EXPECT_EQ(within("EXIT 12", "The sign reads EXlT 12."), (EditCounts{6, 1, 0, 0}));
  EXPECT_EQ(within("EXIT 12", "It says EXIT in green."), (EditCounts{5, 0, 0, 2}));
  EXPECT_EQ(within("abc", ""), (EditCounts{0, 0, 0, 3}));
  EXPECT_EQ(within("", "abc"), (EditCounts{0, 0, 0, 0}));
}

}  // namespace
}  // namespace cinescribe::quality
