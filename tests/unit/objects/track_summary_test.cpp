#include "cinescribe/objects/track_summary.h"

#include <gtest/gtest.h>

namespace cinescribe::objects {
namespace {

Timestamp at(double seconds) { return Timestamp::from_seconds(seconds); }

TrackedBox box(std::int64_t id, float x, std::int32_t class_id = 0, float score = 0.5F) {
  return {id, {x, 0.0F, x + 10.0F, 10.0F}, score, class_id, 0};
}

TrackSummaryOptions options(std::size_t points = 8) { return {100, 50, points}; }

TEST(TrackSummary, DescribesATrackOverItsLife) {
  TrackSummariser summariser(options());
  summariser.push(at(1.0), std::vector<TrackedBox>{box(7, 0.0F, 2, 0.4F)});
  summariser.push(at(2.0), std::vector<TrackedBox>{box(7, 20.0F, 3, 0.3F)});
  summariser.push(at(3.0), std::vector<TrackedBox>{box(7, 95.0F, 2, 0.8F)});
  const auto tracks = summariser.finish();
  ASSERT_EQ(tracks.size(), 1U);
  const auto& track = tracks[0];
  EXPECT_EQ(track.track_id, 7);
  EXPECT_EQ(track.class_id, 2);
  EXPECT_EQ(track.range, (TimeRange{at(1.0), at(3.0)}));
  EXPECT_EQ(track.sightings, 3);
  EXPECT_NEAR(track.mean_score, 0.5, 1e-6);
  EXPECT_NEAR(track.screen_share, (0.02 + 0.02 + 0.01) / 3.0, 1e-9);  // Only what lies inside the picture counts.
  ASSERT_EQ(track.path.size(), 3U);
  EXPECT_EQ(track.path[1].box.x1, 20.0F);
  EXPECT_TRUE(summariser.finish().empty());
}

TEST(TrackSummary, SplitsATrackAtACutThatIsFoundLate) {
  TrackSummariser summariser(options());
  for (int i = 0; i < 10; ++i) summariser.push(at(i), std::vector<TrackedBox>{box(1, static_cast<float>(i))});
  const auto first = summariser.finish_scene(at(4.0));
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].sightings, 4);
  EXPECT_EQ(first[0].range.end, at(3.0));
  const auto second = summariser.finish();
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].track_id, 1);
  EXPECT_EQ(second[0].range, (TimeRange{at(4.0), at(9.0)}));
}

TEST(TrackSummary, StaysSmallHoweverLongATrackLasts) {
  TrackSummariser summariser(options(8));
  constexpr int kFrames = 100'000;
  for (int i = 0; i < kFrames; ++i) {
    summariser.push(at(0.1 * i), std::vector<TrackedBox>{box(1, static_cast<float>(i) / 1000.0F)});
    ASSERT_LE(summariser.stored_points(), 16U);
  }
  const auto tracks = summariser.finish();
  EXPECT_EQ(tracks[0].sightings, kFrames);
  EXPECT_NEAR(tracks[0].mean_score, 0.5, 1e-9);
  ASSERT_EQ(tracks[0].path.size(), 8U);
  EXPECT_EQ(tracks[0].path.front().time, at(0.0));
  EXPECT_EQ(tracks[0].path.back().time, tracks[0].range.end);
  EXPECT_EQ(tracks[0].range.end, at(0.1 * (kFrames - 1)));
}

TEST(TrackSummary, LetsEndedTracksGo) {
  TrackSummariser summariser(options());
  summariser.push(at(1.0), std::vector<TrackedBox>{box(1, 0.0F), box(2, 50.0F)});
  summariser.push(at(5.0), std::vector<TrackedBox>{box(2, 50.0F)});
  const auto ended = summariser.take_ended(at(5.0));
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].track_id, 1);
  EXPECT_EQ(summariser.finish().size(), 1U);
}

TEST(TrackSummary, CountsTracksByLabelMostFrequentFirst) {
  TrackSummariser summariser(options());
  summariser.push(at(1.0), std::vector<TrackedBox>{box(1, 0.0F, 1), box(2, 20.0F, 0), box(3, 40.0F, 1), box(4, 60, 9)});
  const std::vector<std::string> names{"person", "car"};
  EXPECT_EQ(count_by_label(summariser.finish(), names), "2 car, 1 person, 1 class 9");
  EXPECT_EQ(count_by_label(std::vector<TrackSummary>(), names), "");
}

}  // namespace
}  // namespace cinescribe::objects
