#include "cinescribe/objects/tracking_metrics.h"

#include <gtest/gtest.h>

namespace cinescribe::objects {
namespace {

MotRow row(std::int64_t frame, std::int64_t id, double x) { return {frame, id, x, 0.0, 10.0, 10.0, 1.0, -1}; }

TEST(TrackingMetrics, AreAllOneForAPerfectResultWhateverItsIds) {
  std::vector<MotRow> gt;
  std::vector<MotRow> result;
  for (std::int64_t frame = 1; frame <= 10; ++frame) {
    gt.push_back(row(frame, 1, static_cast<double>(frame)));
    gt.push_back(row(frame, 2, 100.0 + static_cast<double>(frame)));
    result.push_back(row(frame, 77, 100.0 + static_cast<double>(frame)));
    result.push_back(row(frame, 5, static_cast<double>(frame)));
  }
  const auto m = evaluate_tracks(gt, result);
  ASSERT_TRUE(m.ok()) << m.error().message;
  for (const double score : {m->hota, m->deta, m->assa, m->loca, m->mota, m->motp, m->idf1})
    EXPECT_NEAR(score, 1.0, 1e-12);
  EXPECT_EQ(m->mostly_tracked, 2);
  EXPECT_EQ(m->id_switches, 0);
}

TEST(TrackingMetrics, CountASwitchOfIdsOnce) {
  std::vector<MotRow> gt;
  std::vector<MotRow> result;
  for (std::int64_t frame = 1; frame <= 10; ++frame) {
    gt.push_back(row(frame, 1, 0.0));
    result.push_back(row(frame, frame <= 6 ? 1 : 2, 0.0));
  }
  const auto m = evaluate_tracks(gt, result);
  ASSERT_TRUE(m.ok());
  EXPECT_EQ(m->id_switches, 1);
  EXPECT_DOUBLE_EQ(m->mota, 0.9);
  EXPECT_DOUBLE_EQ(m->idf1, 0.6);
  EXPECT_NEAR(m->deta, 1.0, 1e-12);
  EXPECT_NEAR(m->assa, 0.52, 1e-12);  // (6 · 6/10 + 4 · 4/10) / 10
}

TEST(TrackingMetrics, AreZeroButDefinedForAnEmptyResult) {
  const auto m = evaluate_tracks(std::vector<MotRow>{row(1, 1, 0.0)}, {});
  ASSERT_TRUE(m.ok());
  EXPECT_EQ(m->hota, 0.0);
  EXPECT_EQ(m->mota, 0.0);
  EXPECT_EQ(m->idf1, 0.0);
  EXPECT_DOUBLE_EQ(m->loca, 1.0);
  EXPECT_EQ(m->clr_fn, 1);
  EXPECT_EQ(m->mostly_lost, 1);
}

TEST(TrackingMetrics, LeaveOutGroundTruthMarkedToBeIgnored) {
  auto ignored = row(1, 2, 50.0);
  ignored.score = 0.0;
  const auto m = evaluate_tracks(std::vector<MotRow>{row(1, 1, 0.0), ignored}, std::vector<MotRow>{row(1, 1, 0.0)});
  ASSERT_TRUE(m.ok());
  EXPECT_EQ(m->gt_boxes, 1);
  EXPECT_DOUBLE_EQ(m->mota, 1.0);
}

TEST(TrackingMetrics, RefuseTheSameIdTwiceInAFrame) {
  const std::vector<MotRow> twice{row(3, 1, 0.0), row(3, 1, 50.0)};
  const auto m = evaluate_tracks(std::vector<MotRow>{row(3, 1, 0.0)}, twice);
  ASSERT_FALSE(m.ok());
  EXPECT_EQ(m.error().code, ErrorCode::kInput);
  EXPECT_NE(m.error().message.find("frame 3 of the result"), std::string::npos);
}

TEST(TrackingMetrics, TakeBoxesWithoutAreaForMisses) {
  auto flat = row(1, 1, 0.0);
  flat.width = 0.0;
  auto inside_out = row(2, 1, 0.0);
  inside_out.width = inside_out.height = -5.0;
  const auto m =
      evaluate_tracks(std::vector<MotRow>{row(1, 1, 0.0), row(2, 1, 0.0)}, std::vector<MotRow>{flat, inside_out});
  ASSERT_TRUE(m.ok());
  EXPECT_EQ(m->clr_tp, 0);
  EXPECT_EQ(m->hota, 0.0);
}

}  // namespace
}  // namespace cinescribe::objects
