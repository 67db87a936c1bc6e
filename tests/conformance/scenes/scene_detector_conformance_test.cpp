#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "unit/scenes/test_frames.h"
#include <gtest/gtest.h>

#include "cinescribe/scenes/make_detector.h"

namespace cinescribe::scenes {
namespace {

constexpr Rational kRate{25, 1};
constexpr int kWidth = 64;
constexpr int kHeight = 36;
constexpr std::int64_t kFrames = 120;

/// Brightness of a pixel in one of the three parts: tiles of different sizes. The second part is nearly black, so that
/// the threshold detector finds a fade too.
int brightness(int part, int x, int y) {
  if (part == 0) return 40 + 80 * ((x / 13 + y / 7) % 3);
  if (part == 1) return 4 * (x / 23 % 2) + 4 * (y / 15 % 2);
  return 100 + 60 * (x / 9 % 2) + 60 * ((y / 11 + x / 40) % 2);
}

/// A clip with hard cuts at 40 and 80; a corner flickers.
VideoFrame clip_frame(std::int64_t index) {
  const int part = static_cast<int>(index / 40);
  std::vector<std::uint8_t> pixels;
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      const int flicker = x < 2 && y < 2 ? static_cast<int>(index % 2) : 0;
      for (int c = 0; c < 3; ++c) pixels.push_back(static_cast<std::uint8_t>(brightness(part, x, y) + flicker + c));
    }
  }
  return bgr_frame(std::move(pixels), kWidth, kHeight, index, Timestamp::from_ticks(index, {1, 25}));
}

struct Outcome {
  std::vector<Cut> cuts;
  std::vector<std::vector<double>> metrics;
};

class SceneDetectorConformance : public testing::TestWithParam<DetectorKind> {
 protected:
  static DetectorOptions options(int frame_skip = 0) {
    DetectorOptions chosen;
    chosen.kind = GetParam();
    chosen.frame_skip = frame_skip;
    return chosen;
  }
  static std::unique_ptr<SceneDetector> make(int frame_skip = 0) {
    auto detector = make_detector(options(frame_skip), {kRate});
    EXPECT_TRUE(detector.ok());
    return std::move(*detector);
  }
  static Outcome run(SceneDetector& detector) {
    Outcome outcome;
    for (std::int64_t i = 0; i < kFrames; ++i) {
      const std::size_t before = outcome.cuts.size();
      const Timestamp settled = detector.settled_until();
      EXPECT_TRUE(detector.push(clip_frame(i), outcome.cuts).ok());
      EXPECT_GE(detector.settled_until(), settled);
      for (std::size_t k = before; k < outcome.cuts.size(); ++k) EXPECT_GE(outcome.cuts[k].time, settled);
      for (std::size_t k = before; k < outcome.cuts.size(); ++k) {
        EXPECT_LE(outcome.cuts[k].frame, i);
        if (detector.max_lookback() < 0) continue;
        EXPECT_GE(outcome.cuts[k].frame, i - detector.max_lookback());
      }
      const auto values = detector.metrics();
      outcome.metrics.emplace_back(values.begin(), values.end());
    }
    const std::size_t before = outcome.cuts.size();
    detector.flush(outcome.cuts);
    for (std::size_t k = before; k < outcome.cuts.size(); ++k) {
      EXPECT_GE(outcome.cuts[k].time, detector.settled_until());
    }
    return outcome;
  }
};

TEST_P(SceneDetectorConformance, finds_the_cuts_of_a_simple_clip) {
  const auto detector = make();
  const Outcome outcome = run(*detector);
  ASSERT_FALSE(outcome.cuts.empty());
  const std::int64_t first = GetParam() == DetectorKind::kThreshold ? 60 : 40;  // half-way between 40 and 80
  EXPECT_EQ(outcome.cuts.front().frame, first);
}

TEST_P(SceneDetectorConformance, cuts_carry_the_time_of_their_frame) {
  const auto detector = make();
  for (const Cut& cut : run(*detector).cuts) EXPECT_EQ(cut.time, Timestamp::from_ticks(cut.frame, {1, 25}));
}

TEST_P(SceneDetectorConformance, cuts_are_inside_the_video_and_apart_by_the_minimum_length) {
  const auto detector = make();
  auto cuts = run(*detector).cuts;
  std::sort(cuts.begin(), cuts.end(), [](const Cut& a, const Cut& b) { return a.frame < b.frame; });
  std::int64_t last = 0;
  for (const Cut& cut : cuts) {
    EXPECT_LT(cut.frame, kFrames);
    EXPECT_GE(cut.frame - last, 15);
    last = cut.frame;
  }
}

TEST_P(SceneDetectorConformance, what_is_settled_follows_the_video) {
  const auto detector = make();
  run(*detector);
  // The clip ends bright and without a merge, so only a window's look-ahead may be open.
  EXPECT_GE(detector->settled_until(), Timestamp::from_ticks(kFrames - 4, {1, 25}));
}

TEST_P(SceneDetectorConformance, two_instances_give_the_same) {
  const auto first = make();
  const auto second = make();
  const Outcome a = run(*first);
  const Outcome b = run(*second);
  EXPECT_EQ(a.cuts, b.cuts);
  for (std::size_t i = 0; i < a.metrics.size(); ++i) {
    for (std::size_t k = 0; k < a.metrics[i].size(); ++k) {
      EXPECT_TRUE(a.metrics[i][k] == b.metrics[i][k] || (std::isnan(a.metrics[i][k]) && std::isnan(b.metrics[i][k])));
    }
  }
}

TEST_P(SceneDetectorConformance, every_metric_has_a_name_and_a_value) {
  const auto detector = make();
  ASSERT_FALSE(detector->metric_names().empty());
  EXPECT_EQ(detector->metric_names().size(), detector->metrics().size());
  const Outcome outcome = run(*detector);
  for (std::size_t k = 0; k < detector->metric_names().size(); ++k) {
    EXPECT_FALSE(detector->metric_names()[k].empty());
    EXPECT_FALSE(std::isnan(outcome.metrics.back()[k])) << detector->metric_names()[k];
    EXPECT_GE(detector->metric_lag(k), 0);
  }
}

TEST_P(SceneDetectorConformance, skipped_frames_have_no_metrics_and_no_cuts) {
  const auto detector = make(3);
  const Outcome outcome = run(*detector);
  for (std::size_t i = 0; i < outcome.metrics.size(); ++i) {
    if (i % 4 == 0) continue;
    EXPECT_TRUE(std::isnan(outcome.metrics[i].front())) << i;
  }
  EXPECT_FALSE(outcome.cuts.empty());
}

TEST_P(SceneDetectorConformance, a_still_picture_has_no_cut) {
  const auto detector = make();
  std::vector<Cut> cuts;
  for (std::int64_t i = 0; i < 60; ++i) {
    ASSERT_TRUE(detector->push(grey_frame(128, kWidth, kHeight, i, Timestamp::from_ticks(i, {1, 25})), cuts).ok());
  }
  detector->flush(cuts);
  EXPECT_TRUE(cuts.empty());
}

TEST_P(SceneDetectorConformance, a_change_of_size_is_an_input_error) {
  const auto detector = make();
  std::vector<Cut> cuts;
  ASSERT_TRUE(detector->push(grey_frame(1, kWidth, kHeight), cuts).ok());
  const Status status = detector->push(grey_frame(1, kWidth * 2, kHeight, 1), cuts);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInput);
}

TEST_P(SceneDetectorConformance, an_empty_video_and_a_single_frame_have_no_cut) {
  std::vector<Cut> cuts;
  make()->flush(cuts);
  const auto detector = make();
  ASSERT_TRUE(detector->push(grey_frame(0, 1, 2), cuts).ok());
  detector->flush(cuts);
  EXPECT_TRUE(cuts.empty());
}

std::string kind_name(const testing::TestParamInfo<DetectorKind>& info) {
  const std::vector<std::string> names = {"content", "adaptive", "threshold", "hash", "histogram"};
  return names.at(static_cast<std::size_t>(info.param));
}

INSTANTIATE_TEST_SUITE_P(Detectors, SceneDetectorConformance,
                         testing::Values(DetectorKind::kContent, DetectorKind::kAdaptive, DetectorKind::kThreshold,
                                         DetectorKind::kHash, DetectorKind::kHistogram),
                         kind_name);

}  // namespace
}  // namespace cinescribe::scenes
