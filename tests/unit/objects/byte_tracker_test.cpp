#include <algorithm>

#include <gtest/gtest.h>

#include "cinescribe/objects/tracker.h"

namespace cinescribe::objects {
namespace {

Detection at(float x, float score = 0.9F, std::int32_t class_id = 0) {
  return {{x, 100.0F, x + 50.0F, 220.0F}, score, class_id, -1};
}

Timestamp at_fps(int frame, double fps) { return Timestamp::from_seconds(frame / fps); }

/// Ids seen when a thing is there for some frames, away for `gap` frames, and there again.
std::vector<std::int64_t> ids_around_gap(Tracker& tracker, int gap, double fps) {
  std::vector<std::int64_t> ids;
  int frame = 0;
  const auto see = [&](int frames) {
    for (int i = 0; i < frames; ++i, ++frame) {
      for (const auto& track : tracker.update(at_fps(frame, fps), std::vector<Detection>{at(100)})) {
        if (ids.empty() || ids.back() != track.track_id) ids.push_back(track.track_id);
      }
    }
  };
  see(5);
  for (int i = 0; i < gap; ++i, ++frame) tracker.update(at_fps(frame, fps), {});
  see(5);
  return ids;
}

using Ids = std::vector<std::int64_t>;

TEST(ByteTracker, RemembersALostThingForTheBufferAndOneFrameMore) {
  EXPECT_EQ(ids_around_gap(*make_byte_tracker(), 30, 25.0), (Ids{1}));
  EXPECT_EQ(ids_around_gap(*make_byte_tracker(), 31, 25.0), (Ids{1}));  // The reference's habit.
  EXPECT_EQ(ids_around_gap(*make_byte_tracker(), 32, 25.0), (Ids{1, 2}));
}

TEST(ByteTracker, KeepsTheBufferInSecondsAtAnySamplingRate) {
  ByteTrackOptions options;
  options.buffer_time = Duration::from_seconds(1.0);
  for (const double fps : {2.0, 10.0, 50.0}) {
    const int frames = static_cast<int>(fps);
    EXPECT_EQ(ids_around_gap(*make_byte_tracker(options), frames - 1, fps), (Ids{1})) << fps;
    EXPECT_EQ(ids_around_gap(*make_byte_tracker(options), frames + 3, fps), (Ids{1, 2})) << fps;
  }
}

TEST(ByteTracker, JoinsAWeakBoxToAKnownTrackButStartsNoneFromIt) {
  const auto tracker = make_byte_tracker();
  EXPECT_TRUE(tracker->update(at_fps(0, 25), std::vector<Detection>{at(100, 0.2F)}).empty());
  tracker->update(at_fps(1, 25), std::vector<Detection>{at(100)});
  tracker->update(at_fps(2, 25), std::vector<Detection>{at(100)});
  const auto tracks = tracker->update(at_fps(3, 25), std::vector<Detection>{at(100, 0.2F)});
  ASSERT_EQ(tracks.size(), 1U);
  EXPECT_EQ(tracks[0].score, 0.2F);
  // Both ends of the weak range are open, also where single precision rounds up.
  EXPECT_TRUE(tracker->update(at_fps(4, 25), std::vector<Detection>{at(100, 0.1F)}).empty());
}

TEST(ByteTracker, MixesClassesByDefaultAndKeepsThemApartOnRequest) {
  ByteTrackOptions per_class;
  per_class.per_class = true;
  const auto mixed = make_byte_tracker();
  const auto apart = make_byte_tracker(per_class);
  for (int frame = 0; frame < 4; ++frame) {
    const std::vector<Detection> seen{at(100, 0.9F, frame % 2)};
    const auto one = mixed->update(at_fps(frame, 25), seen);
    ASSERT_EQ(one.size(), 1U);
    EXPECT_EQ(one[0].track_id, 1);
    EXPECT_EQ(one[0].class_id, frame % 2);
    for (const auto& track : apart->update(at_fps(frame, 25), seen)) EXPECT_EQ(track.track_id, track.class_id + 1);
  }
}

TEST(ByteTracker, GivesPerClassTracksIdsOfTheirOwnAndIndicesOfTheWholeList) {
  ByteTrackOptions per_class;
  per_class.per_class = true;
  const auto tracker = make_byte_tracker(per_class);
  const std::vector<Detection> seen{at(100, 0.9F, 5), at(100, 0.9F, 2), at(400, 0.9F, 5)};
  auto tracks = tracker->update(at_fps(0, 25), seen);
  ASSERT_EQ(tracks.size(), 3U);
  std::sort(tracks.begin(), tracks.end(), [](auto& a, auto& b) { return a.detection_index < b.detection_index; });
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(tracks[i].class_id, seen[i].class_id);
  EXPECT_NE(tracks[0].track_id, tracks[2].track_id);
}

}  // namespace
}  // namespace cinescribe::objects
