#include "cinescribe/speech/guards.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cinescribe::speech {
namespace {

TEST(Guards, repeated_text_has_a_high_compression_ratio) {
  EXPECT_LT(compression_ratio("And so, my fellow Americans, ask not what your country can do for you."), 1.5);
  std::string loop;
  for (int i = 0; i < 30; ++i) loop += " Thank you for watching.";
  EXPECT_GT(compression_ratio(loop), 2.4);
  EXPECT_EQ(compression_ratio(""), 0.0);
}

TEST(Guards, a_text_is_doubtful_when_it_repeats_itself_or_is_guesswork) {
  const TranscriptionOptions options;
  EXPECT_FALSE(is_doubtful({-0.3, 0.1, 1.5}, options));
  EXPECT_TRUE(is_doubtful({-0.3, 0.1, 2.5}, options));
  EXPECT_TRUE(is_doubtful({-1.1, 0.1, 1.5}, options));
  EXPECT_FALSE(is_doubtful({-1.1, 0.7, 1.5}, options));  // nobody speaks: another attempt would not help
}

TEST(Guards, silence_needs_both_signs) {
  const TranscriptionOptions options;
  EXPECT_TRUE(is_silence({-1.1, 0.7, 1.0}, options));
  EXPECT_FALSE(is_silence({-0.4, 0.95, 1.0}, options));
  EXPECT_FALSE(is_silence({-1.5, 0.5, 1.0}, options));
  EXPECT_TRUE(is_silence({-0.6, 0.95, 1.0}, options));  // nearly certain that nobody speaks
}

TEST(Guards, a_phrase_said_more_than_three_times_in_a_row_is_kept_once) {
  using Positions = std::vector<std::size_t>;
  EXPECT_EQ(positions_without_loops(std::vector<int>{1, 2, 3}), (Positions{0, 1, 2}));
  EXPECT_EQ(positions_without_loops(std::vector<int>{7, 7, 7}), (Positions{0, 1, 2}));
  EXPECT_EQ(positions_without_loops(std::vector<int>{7, 7, 7, 7, 8}), (Positions{0, 4}));
  EXPECT_EQ(positions_without_loops(std::vector<int>{5, 1, 2, 1, 2, 1, 2, 1, 2, 9}), (Positions{0, 1, 2, 9}));
  EXPECT_TRUE(positions_without_loops(std::vector<int>{}).empty());
}

}  // namespace
}  // namespace cinescribe::speech
