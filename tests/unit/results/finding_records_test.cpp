// What is heard and seen, as JSON and as tables.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cinescribe/results/csv_field.h"
#include "cinescribe/results/finding_csv.h"
#include "cinescribe/results/record_json.h"

namespace cinescribe::results {
namespace {

TimeRange range(double start, double end) { return {Timestamp::from_seconds(start), Timestamp::from_seconds(end)}; }

TrackRecord track(std::int64_t id, const std::string& label) {
  return {id, label, range(0.5, 1.25), 4, 0.625, 0.125, {{0.5, 1.0, 2.0, 3.5, 4.0}, {1.25, 2.0, 2.0, 4.5, 4.0}}};
}

TEST(FindingRecords, ASceneTellsWhatIsHeardAndSeen) {
  SceneRecord scene;
  scene.range = range(0.0, 2.0);
  scene.sounds = {{"Dog", 0.75, 0.5}};
  scene.objects = {track(1, "car"), track(2, "dog"), track(3, "car")};
  const std::string text = scene_json(scene);
  EXPECT_NE(text.find(R"("sounds":[{"label":"Dog","max_score":0.75,"mean_score":0.5}])"), std::string::npos) << text;
  EXPECT_NE(
      text.find(R"({"track_id":2,"label":"dog","start_seconds":0.5,"end_seconds":1.25,"sightings":4,)"
                R"("mean_score":0.625,"screen_share":0.125,"path":[[0.5,1.0,2.0,3.5,4.0],[1.25,2.0,2.0,4.5,4.0]]})"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find(R"("object_counts":{"car":2,"dog":1})"), std::string::npos) << text;
  const auto back = scene_from_json(text);
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(scene_json(*back), text);
}

TEST(FindingRecords, AnOlderSceneWithoutThemIsRead) {
  std::string text = scene_json(SceneRecord());
  text = text.substr(0, text.find(",\"sounds\"")) + "}";
  const auto back = scene_from_json(text);
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_TRUE(back->sounds.empty());
}

TEST(FindingRecords, UnitsAreReadAsTheyWereWritten) {
  const SoundUnit sounds{2, 7, {{"Music", 0.9, 0.25}}, {{range(0.5, 3.0), "Music", 0.9}}};
  const auto sounds_back = sound_unit_from_json(sound_unit_json(sounds));
  ASSERT_TRUE(sounds_back.ok());
  EXPECT_EQ(sound_unit_json(*sounds_back), sound_unit_json(sounds));
  const ObjectUnit objects{{{30, Timestamp::from_seconds(1.25), {{5, 2, 0.5, {1.0, 2.0, 3.25, 4.0}}}}}};
  EXPECT_EQ(object_unit_json(objects),
            R"({"frames":[{"frame":30,"time_seconds":1.25,"boxes":[[5,2,0.5,1.0,2.0,3.25,4.0]]}]})");
  const auto objects_back = object_unit_from_json(object_unit_json(objects));
  ASSERT_TRUE(objects_back.ok());
  EXPECT_EQ(object_unit_json(*objects_back), object_unit_json(objects));
}

TEST(FindingRecords, ForeignUnitsAreRefusedWithTheNameOfTheKey) {
  for (const char* text : {"", "[]", "{}", R"({"frames": 7})", R"({"frames": [{"frame": 1, "time_seconds": 0}]})",
                           R"({"frames": [{"frame": 1, "time_seconds": 0, "boxes": [[1, 2, 3]]}]})",
                           R"({"frames": [{"frame": 1, "time_seconds": 0, "boxes": [[1, 2, 3, 4, 5, 6, "7"]]}]})",
                           R"({"frames": [{"frame": 1, "time_seconds": 0, "boxes": [[1e300, 2, 3, 4, 5, 6, 7]]}]})",
                           R"({"frames": [{"frame": 1, "time_seconds": 0, "boxes": [[1, -1e300, 3, 4, 5, 6, 7]]}]})"}) {
    EXPECT_FALSE(object_unit_from_json(text).ok()) << text;
    EXPECT_FALSE(sound_unit_from_json(text).ok()) << text;
  }
  const auto bad = object_unit_from_json(R"({"frames": [{"frame": 1, "time_seconds": 0, "boxes": [[1]]}]})");
  EXPECT_NE(bad.error().message.find("'boxes'"), std::string::npos) << bad.error().message;
}

TEST(FindingRecords, TablesQuoteWhatNeedsIt) {
  EXPECT_EQ(csv_field("plain"), "plain");
  EXPECT_EQ(csv_field("Bang, \"loud\""), "\"Bang, \"\"loud\"\"\"");
  EXPECT_EQ(sound_csv_row({range(0.0, 0.975), "Bird vocalization, bird call", 0.5}),
            "0.000000,0.975000,\"Bird vocalization, bird call\",0.500000\n");
  EXPECT_EQ(object_csv_row(3, track(7, "car")), "3,7,car,0.500000,1.250000,4,0.625000,0.125000\n");
}

}  // namespace
}  // namespace cinescribe::results
