#include "cinescribe/objects/nms.h"

#include <gtest/gtest.h>

namespace cinescribe::objects {
namespace {

Detection box(float x, float score, std::int32_t class_id = 0) {
  return {{x, 0.0F, x + 100.0F, 100.0F}, score, class_id, -1};
}

TEST(SuppressOverlaps, KeepsTheBestOfABunchAndWhatTouchesItLittle) {
  const auto kept = suppress_overlaps({box(10, 0.5F), box(0, 0.9F), box(80, 0.7F)}, {});
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept[0].score, 0.9F);
  EXPECT_EQ(kept[1].score, 0.7F);
}

TEST(SuppressOverlaps, LetsClassesLiveSideBySideUnlessAsked) {
  NmsOptions options;
  EXPECT_EQ(suppress_overlaps({box(0, 0.9F, 0), box(0, 0.8F, 1)}, options).size(), 2U);
  options.is_agnostic = true;
  EXPECT_EQ(suppress_overlaps({box(0, 0.9F, 0), box(0, 0.8F, 1)}, options).size(), 1U);
}

TEST(SuppressOverlaps, MeasuresSidesInclusivelyWhereAsked) {
  // One pixel apart: 0 with plain sides, 1/3 with inclusive ones.
  NmsOptions options;
  options.iou = 0.2F;
  const std::vector<Detection> two{{{0, 0, 1, 1}, 0.9F, 0, -1}, {{1, 0, 2, 1}, 0.8F, 0, -1}};
  EXPECT_EQ(suppress_overlaps(two, options).size(), 2U);
  options.inclusive_area = true;
  EXPECT_EQ(suppress_overlaps(two, options).size(), 1U);
}

TEST(SuppressOverlaps, KeepsBoxesWithoutAreaAndStopsAtTheLimits) {
  const Detection point{{5, 5, 5, 5}, 0.9F, 0, -1};
  EXPECT_EQ(suppress_overlaps({point, point}, {}).size(), 2U);  // 0/0 is no overlap.
  NmsOptions options;
  options.max_boxes = 3;
  std::vector<Detection> many;
  for (int i = 0; i < 10; ++i) many.push_back(box(static_cast<float>(200 * i), 0.5F));
  EXPECT_EQ(suppress_overlaps(many, options).size(), 3U);
  options.max_candidates = 2;
  EXPECT_EQ(suppress_overlaps(many, options).size(), 2U);
  EXPECT_TRUE(suppress_overlaps({}, {}).empty());
}

}  // namespace
}  // namespace cinescribe::objects
