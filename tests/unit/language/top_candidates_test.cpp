#include "cinescribe/language/top_candidates.h"

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace cinescribe::language {
namespace {

TEST(TopCandidates, EqualASortOfEverythingWithTiesInOrder) {
  std::mt19937 random(3);
  std::uniform_int_distribution<int> value(-20, 20);  // many ties
  for (int round = 0; round < 50; ++round) {
    TopCandidates top(7);
    std::vector<Candidate> all;
    for (int beam = 0; beam < 3; ++beam) {
      std::vector<float> scores(40);
      for (float& score : scores) score = static_cast<float>(value(random));
      top.add_beam(beam, -1.5F, scores);
      for (std::size_t i = 0; i < scores.size(); ++i) {
        all.push_back({scores[i] - 1.5F, 0.0, beam, static_cast<TokenId>(i)});
      }
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
    const std::vector<Candidate> best = top.take();
    ASSERT_EQ(best.size(), 7U);
    for (std::size_t i = 0; i < best.size(); ++i) {
      EXPECT_EQ(best[i].score, all[i].score);
      EXPECT_EQ(best[i].beam, all[i].beam);
      EXPECT_EQ(best[i].token, all[i].token);
    }
  }
}

TEST(TopCandidates, BannedTokensFillUpWhenThereIsNothingElse) {
  TopCandidates top(3);
  top.add_beam(0, 0.0F, std::vector<float>{-std::numeric_limits<float>::infinity(), 1.0F});
  EXPECT_EQ(top.take().size(), 2U);
}

}  // namespace
}  // namespace cinescribe::language
