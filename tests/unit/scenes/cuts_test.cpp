#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cinescribe/scenes/cosine_transform.h"
#include "cinescribe/scenes/flash_filter.h"
#include "cinescribe/scenes/frame_clock.h"
#include "cinescribe/scenes/make_detector.h"
#include "cinescribe/scenes/min_length.h"
#include "cinescribe/scenes/scene_list.h"

namespace cinescribe::scenes {
namespace {

using testing::ElementsAre;

std::vector<std::int64_t> filtered(FlashFilter::Mode mode, MinLength length, const std::vector<std::int64_t>& above,
                                   std::int64_t frames, Rational rate = {25, 1}) {
  const FrameClock clock(rate);
  FlashFilter filter(mode, length, clock);
  std::vector<std::int64_t> cuts;
  for (std::int64_t i = 0; i < frames; ++i) {
    const bool is_above = std::find(above.begin(), above.end(), i) != above.end();
    if (const auto cut = filter.push(clock.time_of(i), is_above)) cuts.push_back(clock.frame_number(*cut));
  }
  return cuts;
}

std::vector<std::int64_t> every_frame(std::int64_t count) {
  std::vector<std::int64_t> all;
  for (std::int64_t i = 0; i < count; ++i) all.push_back(i);
  return all;
}

/// Pushes frames of which those in `above` are high and checks that no cut lies before what was settled; gives the
/// largest distance, in frames, between the newest frame and what is settled.
std::int64_t largest_open_stretch(MinLength length, const std::vector<std::int64_t>& above, std::int64_t frames) {
  const FrameClock clock({25, 1});
  FlashFilter filter(FlashFilter::Mode::kMerge, length, clock);
  std::int64_t largest = 0;
  for (std::int64_t i = 0; i < frames; ++i) {
    const Timestamp settled = filter.settled_until();
    const bool is_above = std::find(above.begin(), above.end(), i) != above.end();
    const auto cut = filter.push(clock.time_of(i), is_above);
    EXPECT_GE(cut.value_or(settled), settled) << i;
    EXPECT_GE(filter.settled_until(), settled) << i;
    largest = std::max(largest, i - clock.frame_number(filter.settled_until()));
  }
  return largest;
}

TEST(FlashFilter, nothing_is_settled_behind_a_merge_that_may_still_cut) {
  EXPECT_EQ(largest_open_stretch(MinLength::frames(10), {20, 25, 31, 36}, 80), 9);
}

TEST(FlashFilter, a_merge_too_short_to_cut_does_not_hold_up_what_is_settled) {
  // 25 opens a merge that only the next high frame, 300, can end.
  EXPECT_EQ(largest_open_stretch(MinLength::frames(10), {20, 25, 300}, 320), 9);
}

TEST(FlashFilter, suppress_drops_cuts_that_come_too_soon) {
  EXPECT_THAT(filtered(FlashFilter::Mode::kSuppress, MinLength::frames(15), {20, 25, 36}, 60), ElementsAre(20, 36));
}

TEST(FlashFilter, frames_are_counted_exactly_at_29_97) {
  EXPECT_THAT(filtered(FlashFilter::Mode::kSuppress, MinLength::frames(15), every_frame(61), 61, {30000, 1001}),
              ElementsAre(15, 30, 45, 60));
}

TEST(FlashFilter, merge_joins_a_burst_at_its_last_frame) {
  EXPECT_THAT(filtered(FlashFilter::Mode::kMerge, MinLength::frames(10), {20, 25, 31, 36}, 80), ElementsAre(20, 36));
}

TEST(FlashFilter, a_merge_still_open_at_the_end_is_lost) {
  EXPECT_THAT(filtered(FlashFilter::Mode::kMerge, MinLength::frames(10), {20, 25, 36}, 40), ElementsAre(20));
}

TEST(FlashFilter, early_candidates_before_the_first_cut_only_move_its_start) {
  // Frame 10 is too early and restarts the count, so 20 comes too soon after it: no cut at all.
  EXPECT_THAT(filtered(FlashFilter::Mode::kMerge, MinLength::frames(15), {10, 20}, 30, {10, 1}), ElementsAre());
}

TEST(FlashFilter, a_length_of_zero_lets_everything_through) {
  EXPECT_THAT(filtered(FlashFilter::Mode::kMerge, MinLength::frames(0), {3, 4}, 9), ElementsAre(3, 4));
  EXPECT_THAT(filtered(FlashFilter::Mode::kMerge, MinLength::seconds(0), {3, 4}, 9), ElementsAre(3, 4));
}

TEST(MinLength, seconds_compare_times_and_whole_frames_round_down) {
  const FrameClock clock({30000, 1001});
  EXPECT_FALSE(MinLength::seconds(0.6).is_met(clock.time_of(0), clock.time_of(17), clock));
  EXPECT_TRUE(MinLength::seconds(0.6).is_met(clock.time_of(0), clock.time_of(18), clock));
  const MinLength two_seconds = MinLength::frames_within(2.0).resolved(clock);
  EXPECT_FALSE(two_seconds.is_met(clock.time_of(0), clock.time_of(58), clock));
  EXPECT_TRUE(two_seconds.is_met(clock.time_of(0), clock.time_of(59), clock));
}

TEST(FrameClock, rates_become_what_the_reference_makes_of_them) {
  EXPECT_EQ(FrameClock({30000, 1001}).rate(), (Rational{30000, 1001}));
  EXPECT_EQ(FrameClock({2997, 100}).rate(), (Rational{30000, 1001}));
  EXPECT_EQ(FrameClock({23976, 1000}).rate(), (Rational{24000, 1001}));
  EXPECT_EQ(FrameClock({50, 2}).rate(), (Rational{25, 1}));
  EXPECT_EQ(FrameClock({678400, 30493}).rate(), (Rational{117557, 5284}));
  EXPECT_EQ(FrameClock({0, 1}).rate(), (Rational{25, 1}));
  EXPECT_EQ(FrameClock({1, 0}).rate(), (Rational{25, 1}));
  EXPECT_EQ(FrameClock({INT64_MAX, 1}).rate(), (Rational{25, 1}));
}

TEST(FrameClock, numbers_and_times_agree_at_constant_rates) {
  for (const Rational rate : {Rational{24000, 1001}, Rational{25, 1}, Rational{60000, 1001}, Rational{10, 1}}) {
    const FrameClock clock(rate);
    for (std::int64_t n = 0; n < 200000; n += 977) EXPECT_EQ(clock.frame_number(clock.time_of(n)), n);
  }
}

TEST(SceneList, cuts_in_any_order_become_adjoining_scenes) {
  const Rational rate{25, 1};
  const FrameClock clock(rate);
  const auto cut = [&](std::int64_t n) { return Cut{n, clock.time_of(n)}; };
  const auto scenes = scenes_from_cuts({cut(50), cut(10), cut(50)}, nominal_end(rate, 100));
  ASSERT_EQ(scenes.size(), 3U);
  EXPECT_EQ(scenes[0], (Scene{0, 0, 10, {Timestamp(), clock.time_of(10)}}));
  EXPECT_EQ(scenes[1], (Scene{1, 10, 50, {clock.time_of(10), clock.time_of(50)}}));
  EXPECT_EQ(scenes[2], (Scene{2, 50, 100, {clock.time_of(50), Timestamp::from_seconds(4.0)}}));
}

TEST(SceneList, no_cut_is_one_scene_and_no_frame_is_none) {
  EXPECT_EQ(scenes_from_cuts({}, nominal_end({25, 1}, 7)).size(), 1U);
  EXPECT_TRUE(scenes_from_cuts({}, nominal_end({25, 1}, 0)).empty());
  EXPECT_EQ(true_end({25, 1}, 3, Timestamp::from_seconds(2.0)).frame, 50);
}

TEST(CosineTransform, a_flat_picture_has_only_the_lowest_frequency) {
  for (const int side : {2, 4, 8, 16, 32, 12}) {
    const std::vector<float> flat(static_cast<std::size_t>(side * side), 1.0F);
    const std::vector<float> low = low_frequencies(flat, side, side);
    EXPECT_NEAR(low[0], static_cast<float>(side), 1e-4F);
    for (std::size_t i = 1; i < low.size(); ++i) EXPECT_NEAR(low[i], 0.0F, 1e-5F) << side << " " << i;
  }
}

TEST(CosineTransform, a_single_frequency_is_found_at_its_place) {
  constexpr int kSide = 16;
  for (int k = 0; k < kSide; ++k) {
    std::vector<float> wave;
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) {
        wave.push_back(static_cast<float>(std::cos(M_PI * (2 * x + 1) * k / (2.0 * kSide))));
      }
    }
    const std::vector<float> low = low_frequencies(wave, kSide, kSide);
    const double expected = k == 0 ? 16.0 : 16.0 * std::sqrt(0.5);
    for (int i = 0; i < kSide; ++i) EXPECT_NEAR(low[static_cast<std::size_t>(i)], i == k ? expected : 0.0, 1e-4);
  }
}

TEST(MakeDetector, options_out_of_range_are_wrong_use) {
  std::vector<DetectorOptions> wrong(9);
  wrong[0].frame_skip = -1;
  wrong[1].content.score.weights = {0, 0, 0, 0};
  wrong[2].content.score.edge_kernel_size = 4;
  wrong[3].content.threshold = std::nan("");
  wrong[4].kind = DetectorKind::kAdaptive;
  wrong[4].adaptive.window_frames = 0;
  wrong[5].kind = DetectorKind::kThreshold;
  wrong[5].threshold.fade_bias = 1.5;
  wrong[6].kind = DetectorKind::kHash;
  wrong[6].hash.size = 1;
  wrong[7].kind = DetectorKind::kHash;
  wrong[7].hash.lowpass = 0;
  wrong[8].kind = DetectorKind::kHistogram;
  wrong[8].histogram.bins = 257;
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    const auto detector = make_detector(wrong[i], {{25, 1}});
    ASSERT_FALSE(detector.ok()) << i;
    EXPECT_EQ(detector.error().code, ErrorCode::kUsage) << i;
  }
}

}  // namespace
}  // namespace cinescribe::scenes
