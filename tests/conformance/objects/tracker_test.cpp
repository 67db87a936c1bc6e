// Every tracker keeps the promises of its interface.
#include "cinescribe/objects/tracker.h"

#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <set>

#include <gtest/gtest.h>

namespace cinescribe::objects {
namespace {

struct Kind {
  std::string name;
  std::function<std::unique_ptr<Tracker>()> make;
};

std::vector<Kind> all_trackers() {
  ByteTrackOptions per_class;
  per_class.per_class = true;
  ByteTrackOptions timed;
  timed.buffer_time = Duration::from_ms(500);
  return {{"ByteTrack", [] { return make_byte_tracker(); }},
          {"ByteTrackPerClass", [per_class] { return make_byte_tracker(per_class); }},
          {"ByteTrackTimed", [timed] { return make_byte_tracker(timed); }}};
}

Detection at(float x, float y, std::int32_t class_id = 0, float score = 0.9F) {
  return {{x, y, x + 40.0F, y + 80.0F}, score, class_id, -1};
}

Timestamp frame_time(int frame) { return Timestamp::from_seconds(frame / 25.0); }

class TrackerConformance : public ::testing::TestWithParam<Kind> {};

TEST_P(TrackerConformance, KeepsTheIdsOfThingsThatMoveSteadily) {
  const auto tracker = GetParam().make();
  for (int frame = 0; frame < 50; ++frame) {
    const std::vector<Detection> seen{at(10.0F + 4.0F * static_cast<float>(frame), 50.0F),
                                      at(400.0F - 4.0F * static_cast<float>(frame), 300.0F, 1)};
    const auto tracks = tracker->update(frame_time(frame), seen);
    ASSERT_EQ(tracks.size(), 2U) << "frame " << frame;
    for (const auto& track : tracks) {
      EXPECT_EQ(track.track_id, track.class_id + 1);
      EXPECT_EQ(track.detection_index, track.class_id);
      EXPECT_NEAR(track.box.x1, seen[static_cast<std::size_t>(track.class_id)].box.x1, 6.0F);
    }
  }
}

TEST_P(TrackerConformance, NeverGivesOneIdTwiceInAFrameNorAnIndexBeyondTheList) {
  const auto tracker = GetParam().make();
  std::uint32_t state = 1;
  const auto random = [&state](std::uint32_t below) {
    state = state * 1664525U + 1013904223U;
    return (state >> 8U) % below;
  };
  for (int frame = 0; frame < 300; ++frame) {
    std::vector<Detection> seen;
    for (std::uint32_t i = random(12); i > 0; --i) {
      seen.push_back(at(static_cast<float>(random(600)), static_cast<float>(random(400)),
                        static_cast<std::int32_t>(random(3)), static_cast<float>(random(100)) / 100.0F));
    }
    std::set<std::int64_t> ids;
    std::set<std::int32_t> used;
    for (const auto& track : tracker->update(frame_time(frame), seen)) {
      EXPECT_GE(track.track_id, 1);
      EXPECT_TRUE(ids.insert(track.track_id).second);
      ASSERT_GE(track.detection_index, 0);
      ASSERT_LT(static_cast<std::size_t>(track.detection_index), seen.size());
      EXPECT_TRUE(used.insert(track.detection_index).second);
      EXPECT_EQ(track.class_id, seen[static_cast<std::size_t>(track.detection_index)].class_id);
    }
  }
}

TEST_P(TrackerConformance, IgnoresEmptyBoxesAndNumbersThatAreNotFinite) {
  const auto tracker = GetParam().make();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  for (int frame = 0; frame < 3; ++frame) {
    const std::vector<Detection> seen{{{10, 10, 10, 90}, 0.9F, 0, -1},  {{50, 50, 20, 90}, 0.9F, 0, -1},
                                      {{nan, 10, 50, 90}, 0.9F, 0, -1}, {{10, 10, infinity, 90}, 0.9F, 0, -1},
                                      {{10, 10, 50, 90}, nan, 0, -1},   at(200, 200)};
    const auto tracks = tracker->update(frame_time(frame), seen);
    ASSERT_EQ(tracks.size(), 1U);
    EXPECT_EQ(tracks[0].detection_index, 5);
    EXPECT_TRUE(std::isfinite(tracks[0].box.x1));
  }
}

TEST_P(TrackerConformance, StaysSilentOnEmptyFramesAndStartsAgain) {
  const auto tracker = GetParam().make();
  EXPECT_TRUE(tracker->update(frame_time(0), {}).empty());
  const std::vector<Detection> seen{at(10, 10)};
  EXPECT_TRUE(tracker->update(frame_time(1), seen).empty());  // Not the first frame: to be confirmed by the next one.
  EXPECT_EQ(tracker->update(frame_time(2), seen).size(), 1U);
  for (int frame = 3; frame < 200; ++frame) EXPECT_TRUE(tracker->update(frame_time(frame), {}).empty());
  EXPECT_TRUE(tracker->update(frame_time(200), seen).empty());
  const auto again = tracker->update(frame_time(201), seen);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].track_id, 2);
}

INSTANTIATE_TEST_SUITE_P(Kinds, TrackerConformance, ::testing::ValuesIn(all_trackers()),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace cinescribe::objects
