#include "cinescribe/pipeline/scene_boundaries.h"

#include <initializer_list>
#include <stop_token>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace cinescribe::pipeline {
namespace {

Timestamp at(double seconds) { return Timestamp::from_seconds(seconds); }

void settle(SceneBoundaries& boundaries, std::initializer_list<double> cuts, double until) {
  std::vector<Timestamp> times;
  for (const double cut : cuts) times.push_back(at(cut));
  boundaries.settle(times, at(until));
}

TEST(SceneBoundaries, ASceneIsCertainWithTheCutThatEndsIt) {
  SceneBoundaries boundaries;
  settle(boundaries, {2, 5}, 6);
  EXPECT_EQ(boundaries.scene(0, {})->range, (TimeRange{at(0), at(2)}));
  EXPECT_EQ(boundaries.scene(1, {})->range, (TimeRange{at(2), at(5)}));
  EXPECT_EQ(boundaries.scene(1, {})->index, 1);
}

TEST(SceneBoundaries, TheLastSceneWaitsForTheEnd) {
  SceneBoundaries boundaries;
  settle(boundaries, {2}, 6);
  std::optional<SettledScene> last;
  std::jthread reader([&] { last = boundaries.scene(1, {}); });
  boundaries.complete(at(7.5));
  reader.join();
  ASSERT_TRUE(last);
  EXPECT_EQ(last->range, (TimeRange{at(2), at(7.5)}));
  EXPECT_FALSE(boundaries.scene(2, {}));
}

TEST(SceneBoundaries, WithoutCutsTheWholeVideoIsOneScene) {
  SceneBoundaries boundaries;
  boundaries.complete(at(3));
  EXPECT_EQ(boundaries.scene(0, {})->range, (TimeRange{at(0), at(3)}));
  EXPECT_FALSE(boundaries.scene(1, {}));
}

TEST(SceneBoundaries, WithoutAnEndThereIsNoLastScene) {
  SceneBoundaries boundaries;
  boundaries.complete(std::nullopt);
  EXPECT_FALSE(boundaries.scene(0, {}));
}

TEST(SceneBoundaries, AStopEndsTheWait) {
  SceneBoundaries boundaries;
  std::stop_source stop;
  std::jthread reader([&] { EXPECT_FALSE(boundaries.scene(0, stop.get_token())); });
  stop.request_stop();
}

}  // namespace
}  // namespace cinescribe::pipeline
