#include "cinescribe/captions/frame_policy.h"

#include <vector>

#include <gtest/gtest.h>

namespace cinescribe::captions {
namespace {

std::vector<double> seconds_of(double start, double end, const FrameChoice& choice) {
  std::vector<double> seconds;
  for (const Timestamp time : frame_times({Timestamp::from_seconds(start), Timestamp::from_seconds(end)}, choice)) {
    seconds.push_back(time.seconds());
  }
  return seconds;
}

using Seconds = std::vector<double>;

TEST(FramePolicy, TwoFramesAreTheStartAndTheMiddle) {
  EXPECT_EQ(seconds_of(10, 14, {FramePolicy::kStartMiddle, 2, 1.0}), (Seconds{10, 12}));
  EXPECT_EQ(seconds_of(10, 14, {FramePolicy::kStartMiddle, 1, 1.0}), (Seconds{12}));
  EXPECT_EQ(seconds_of(10, 14, {FramePolicy::kStartMiddle, 4, 1.0}), (Seconds{10, 11, 12, 13}));
}

TEST(FramePolicy, UniformFramesAreMiddlesOfEqualParts) {
  EXPECT_EQ(seconds_of(0, 8, {FramePolicy::kUniform, 4, 1.0}), (Seconds{1, 3, 5, 7}));
}

TEST(FramePolicy, ARateGivesFramesFromTheStartUpToTheMost) {
  EXPECT_EQ(seconds_of(5, 7.5, {FramePolicy::kFps, 10, 1.0}), (Seconds{5, 6, 7}));
  EXPECT_EQ(seconds_of(5, 8, {FramePolicy::kFps, 10, 1.0}), (Seconds{5, 6, 7}));
  EXPECT_EQ(seconds_of(0, 100, {FramePolicy::kFps, 4, 1.0}), (Seconds{0, 25, 50, 75}));
  EXPECT_EQ(seconds_of(3, 3.01, {FramePolicy::kFps, 4, 1.0}), (Seconds{3}));
}

TEST(FramePolicy, AllMomentsLieWithinTheScene) {
  for (const FramePolicy policy : {FramePolicy::kStartMiddle, FramePolicy::kUniform, FramePolicy::kFps}) {
    for (int frames = 1; frames <= 10; ++frames) {
      for (const std::int64_t length_ns :
           {std::int64_t{1}, std::int64_t{7}, std::int64_t{41'708'333}, std::int64_t{36'000'000'000'000}}) {
        const TimeRange scene{Timestamp::from_ns(1000), Timestamp::from_ns(1000 + length_ns)};
        const auto times = frame_times(scene, {policy, frames, 2.0});
        ASSERT_FALSE(times.empty());
        ASSERT_LE(times.size(), static_cast<std::size_t>(frames));
        for (std::size_t i = 0; i < times.size(); ++i) {
          EXPECT_TRUE(scene.contains(times[i]));
          EXPECT_LE(times[i == 0 ? 0 : i - 1], times[i]);
        }
      }
    }
  }
}

TEST(FramePolicy, UnknownNamesAreWrongUse) {
  EXPECT_TRUE(parse_frame_policy("fps").ok());
  const auto unknown = parse_frame_policy("random");
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, ErrorCode::kUsage);
}

}  // namespace
}  // namespace cinescribe::captions
