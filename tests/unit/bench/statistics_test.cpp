#include "cinescribe/bench/statistics.h"

#include <gtest/gtest.h>

#include "cinescribe/bench/number_text.h"
#include "cinescribe/bench/svg.h"

namespace cinescribe::bench {
namespace {

TEST(Statistics, TheMedianOfAnEvenNumberLiesBetweenTheMiddleTwo) {
  const Spread spread = spread_of({4.0, 1.0, 3.0, 2.0});
  EXPECT_DOUBLE_EQ(spread.median, 2.5);
  EXPECT_DOUBLE_EQ(spread.min, 1.0);
  EXPECT_DOUBLE_EQ(spread.max, 4.0);
  EXPECT_EQ(spread.count, 4);
  EXPECT_DOUBLE_EQ(spread.relative(), 1.2);
}

TEST(Statistics, PercentilesAreThoseOfNumpysDefault) {
  const std::vector<double> values = {15.0, 20.0, 35.0, 40.0, 50.0};
  EXPECT_DOUBLE_EQ(percentile(values, 0.0), 15.0);
  EXPECT_DOUBLE_EQ(percentile(values, 0.4), 29.0);
  EXPECT_DOUBLE_EQ(percentile(values, 0.95), 48.0);
  EXPECT_DOUBLE_EQ(percentile(values, 1.0), 50.0);
}

TEST(Statistics, NothingHasNoSpread) {
  EXPECT_EQ(spread_of({}).count, 0);
  EXPECT_DOUBLE_EQ(spread_of({}).relative(), 0.0);
  EXPECT_DOUBLE_EQ(percentile({}, 0.5), 0.0);
}

TEST(NumberText, HasThreeDigitsThatCount) {
  EXPECT_EQ(number_text(0.0), "0");
  EXPECT_EQ(number_text(0.001234), "0.00123");
  EXPECT_EQ(number_text(1.234), "1.23");
  EXPECT_EQ(number_text(12.34), "12.3");
  EXPECT_EQ(number_text(999.6), "1,000");
  EXPECT_EQ(number_text(12345.0), "12,300");
  EXPECT_EQ(number_text(-0.5), "-0.500");
  EXPECT_EQ(number_text(1.0 / 0.0), "–");
}

TEST(NumberText, UnitsFollowTheSize) {
  EXPECT_EQ(seconds_text(0.0123), "12.3 ms");
  EXPECT_EQ(seconds_text(12.3), "12.3 s");
  EXPECT_EQ(seconds_text(250.0), "4 min 10 s");
  EXPECT_EQ(seconds_text(7500.0), "2 h 5 min");
  EXPECT_EQ(bytes_text(999), "999 B");
  EXPECT_EQ(bytes_text(1'500'000), "1.50 MB");
  EXPECT_EQ(bytes_text(25'000'000'000), "25.0 GB");
  EXPECT_EQ(percent_text(0.004), "0.4 %");
  EXPECT_EQ(percent_text(0.5), "50 %");
  EXPECT_EQ(count_text(1234567), "1,234,567");
  EXPECT_EQ(spread_text(spread_of({1.0, 2.0, 3.0})), "2.00 (1.00–3.00)");
  EXPECT_EQ(spread_text(spread_of({2.0})), "2.00");
  EXPECT_EQ(spread_text({}), "–");
}

TEST(Svg, TicksAreRoundAndReachTheTop) {
  EXPECT_EQ(round_ticks(0.95), (std::vector<double>{0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0}));
  EXPECT_EQ(round_ticks(13.0).back(), 15.0);
  EXPECT_EQ(round_ticks(0.0).size(), 2U);
  EXPECT_EQ(round_ticks(0.0 / 0.0).size(), 2U);
}

TEST(Svg, WordsFromOutsideCannotBecomeMarkup) {
  Svg svg(10.0, 10.0, "a \"name\"");
  svg.text(1.0, 1.0, "<script>alert(1)</script>");
  svg.rect(0.0, 0.0, 1.0, 1.0, "red", "</title><script>");
  EXPECT_EQ(svg.str().find("<script>"), std::string::npos);
  EXPECT_NE(svg.str().find("aria-label=\"a &quot;name&quot;\""), std::string::npos);
}

TEST(Svg, LongWordsAreCutBetweenCharacters) {
  EXPECT_EQ(shortened("short", 10), "short");
  EXPECT_EQ(shortened("ääää", 5), "ää…");
}

}  // namespace
}  // namespace cinescribe::bench
