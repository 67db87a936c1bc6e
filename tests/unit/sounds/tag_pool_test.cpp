#include "cinescribe/sounds/tag_pool.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace cinescribe::sounds {
namespace {

float logit(double score) { return static_cast<float>(std::log(score / (1.0 - score))); }

TaggedWindow window(double start, double end, std::vector<float> logits) {
  return {{Timestamp::from_seconds(start), Timestamp::from_seconds(end)}, std::move(logits)};
}

TEST(Tags, AreOrderedByScoreAndCutAtThresholdAndCount) {
  const auto tags = tags_of({logit(0.2), logit(0.9), logit(0.5), logit(0.6)}, {0.4, 2});
  ASSERT_EQ(tags.size(), 2U);
  EXPECT_EQ(tags[0].label_index, 1);
  EXPECT_EQ(tags[1].label_index, 3);
  EXPECT_NEAR(tags[1].score, 0.6, 1e-6);
}

TEST(Tags, TreatNotANumberAsNothingHeard) {
  EXPECT_TRUE(tags_of({std::numeric_limits<float>::quiet_NaN()}, {0.01, 0}).empty());
}

TEST(TagPool, ReportsHighestAndMeanOverAllWindows) {
  TagPool pool;
  pool.add({logit(0.8), logit(0.1)});
  pool.add({logit(0.4), logit(0.1)});
  const auto tags = pool.tags({0.3, 0});
  ASSERT_EQ(tags.size(), 1U);
  EXPECT_NEAR(tags[0].max_score, 0.8, 1e-6);
  EXPECT_NEAR(tags[0].mean_score, 0.6, 1e-6);
}

TEST(TagTimeline, MergesAdjoiningWindowsAndSeparatesGaps) {
  TagTimeline timeline({0.5, 0});
  std::vector<TimedTag> done;
  timeline.add(window(0, 1, {logit(0.9), logit(0.1)}), done);
  timeline.add(window(1, 2, {logit(0.7), logit(0.6)}), done);
  timeline.add(window(2, 3, {logit(0.1), logit(0.8)}), done);
  timeline.add(window(3, 4, {logit(0.1), logit(0.1)}), done);
  timeline.add(window(4, 5, {logit(0.95), logit(0.1)}), done);
  timeline.finish(done);
  ASSERT_EQ(done.size(), 3U);
  EXPECT_EQ(done[0].label_index, 0);
  EXPECT_EQ(done[0].range.end, Timestamp::from_seconds(2));
  EXPECT_NEAR(done[0].max_score, 0.9, 1e-6);
  EXPECT_EQ(done[1].label_index, 1);
  EXPECT_EQ(done[1].range.start, Timestamp::from_seconds(1));
  EXPECT_EQ(done[1].range.end, Timestamp::from_seconds(3));
  EXPECT_EQ(done[2].range.start, Timestamp::from_seconds(4));
}

}  // namespace
}  // namespace cinescribe::sounds
