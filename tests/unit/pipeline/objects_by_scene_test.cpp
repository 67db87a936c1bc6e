#include "cinescribe/pipeline/objects_by_scene.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cinescribe::pipeline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

results::FrameBoxes frame(double seconds, std::vector<results::BoxRecord> boxes) {
  return {static_cast<std::int64_t>(seconds * 10.0), Timestamp::from_seconds(seconds), std::move(boxes)};
}
results::BoxRecord box(std::int64_t id, std::int32_t class_id, double left = 0.0) {
  return {id, class_id, 0.5, {left, 0.0, left + 10.0, 20.0}};
}

/// Two cars and a person; car 1 is seen on both sides of 2 s.
std::vector<results::ObjectUnit> street() {
  return {{{frame(0.5, {box(1, 2), box(2, 0)}), frame(1.0, {box(1, 2, 5.0), box(2, 0)})}},
          {},
          {{frame(1.9, {box(1, 2, 10.0)}), frame(2.0, {box(1, 2, 15.0)}), frame(2.5, {box(3, 2)})}},
          {{frame(4.0, {box(3, 2)})}}};
}

class ObjectsBySceneTest : public testing::Test {
 protected:
  ObjectsBySceneTest()
      : scenes_({100,
                 40,
                 {"person", "bicycle", "car"},
                 [this](const results::FrameBoxes& seen) {
                   frames_.push_back(seen.frame);
                   return Status();
                 }},
                [this]() -> Result<std::optional<results::ObjectUnit>> {
                  if (next_ == units_.size()) return std::optional<results::ObjectUnit>();
                  return std::optional(units_[next_++]);
                }) {}
  static std::vector<std::string> names(const std::vector<results::TrackRecord>& tracks) {
    std::vector<std::string> all;
    for (const auto& track : tracks) all.push_back(track.label + " " + std::to_string(track.track_id));
    return all;
  }
  std::vector<results::ObjectUnit> units_ = street();
  std::size_t next_ = 0;
  std::vector<std::int64_t> frames_;
  ObjectsByScene scenes_;
};

TEST_F(ObjectsBySceneTest, TracksBelongToTheScenesInWhichTheyAreSeen) {
  EXPECT_THAT(names(*scenes_.take_until(Timestamp::from_seconds(2.0))), ElementsAre("car 1", "person 2"));
  EXPECT_THAT(names(*scenes_.take_until(Timestamp::from_seconds(3.0))), ElementsAre("car 1", "car 3"));
  EXPECT_THAT(names(*scenes_.take_until(Timestamp::from_seconds(3.5))), IsEmpty());
  EXPECT_THAT(names(*scenes_.take_rest()), ElementsAre("car 3"));
  EXPECT_THAT(frames_, ElementsAre(5, 10, 19, 20, 25, 40));
}

TEST_F(ObjectsBySceneTest, ATrackTellsWhenHowOftenAndWhereItWasSeen) {
  const auto tracks = *scenes_.take_until(Timestamp::from_seconds(2.0));
  const results::TrackRecord& car = tracks[0];
  EXPECT_EQ(car.range, (TimeRange{Timestamp::from_seconds(0.5), Timestamp::from_seconds(1.9)}));
  EXPECT_EQ(car.sightings, 3);
  EXPECT_DOUBLE_EQ(car.mean_score, 0.5);
  EXPECT_DOUBLE_EQ(car.screen_share, 0.05);
  EXPECT_THAT(car.path, ElementsAre(std::array{0.5, 0.0, 0.0, 10.0, 20.0}, std::array{1.0, 5.0, 0.0, 15.0, 20.0},
                                    std::array{1.9, 10.0, 0.0, 20.0, 20.0}));
}

TEST_F(ObjectsBySceneTest, AClassWithoutANameIsCounted) {
  units_ = {{{frame(0.1, {box(1, 7), box(2, -1)})}}};
  EXPECT_THAT(names(*scenes_.take_rest()), ElementsAre("class 7 1", "class -1 2"));
}

TEST_F(ObjectsBySceneTest, ALongTrackKeepsItsEndsAndFewPlaces) {
  units_.clear();
  for (int i = 0; i < 500; ++i) units_.push_back({{frame(i, {box(1, 0, i)})}});
  const auto tracks = *scenes_.take_rest();
  ASSERT_EQ(tracks.size(), 1U);
  EXPECT_EQ(tracks[0].sightings, 500);
  EXPECT_EQ(tracks[0].path.size(), 16U);
  EXPECT_EQ(tracks[0].path.front()[0], 0.0);
  EXPECT_EQ(tracks[0].path.back()[0], 499.0);
}

}  // namespace
}  // namespace cinescribe::pipeline
