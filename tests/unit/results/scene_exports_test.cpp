#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cinescribe/results/edl.h"
#include "cinescribe/results/otio.h"
#include "cinescribe/results/scene_csv.h"

namespace cinescribe::results {
namespace {

using testing::HasSubstr;

SceneRecord scene(std::int64_t index, std::int64_t start, std::int64_t end) {
  SceneRecord record;
  record.scene_index = index;
  record.start_frame = start;
  record.end_frame = end;
  record.range = {Timestamp::from_ticks(start, {1001, 30000}), Timestamp::from_ticks(end, {1001, 30000})};
  return record;
}

std::string otio(const std::vector<SceneRecord>& scenes, const OtioSource& source, std::size_t* longest = nullptr) {
  std::string text;
  const Status status = write_otio(scenes, source, [&](std::string_view piece) {
    text += piece;
    if (longest != nullptr) *longest = std::max(*longest, piece.size());
    return Status();
  });
  EXPECT_TRUE(status.ok());
  return text;
}

TEST(SceneCsv, has_a_column_for_every_field_of_the_header) {
  EXPECT_EQ(scene_csv_header(),
            "scene_index,start_frame,end_frame,start_seconds,end_seconds,duration_seconds,start_timecode,"
            "end_timecode\n");
  EXPECT_EQ(scene_csv_row(scene(1, 30, 180)), "1,30,180,1.001000,6.006000,5.005000,00:00:01.001,00:00:06.006\n");
}

TEST(Edl, counts_frames_at_the_nearest_whole_rate) {
  const auto edl = to_edl({scene(0, 0, 30), scene(1, 30, 1799)}, {"film", "film.mp4", {30000, 1001}});
  ASSERT_TRUE(edl.ok());
  EXPECT_EQ(*edl,
            "TITLE: film\nFCM: NON-DROP FRAME\n\n"
            "001  AX       V     C        00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\n"
            "* FROM CLIP NAME: film.mp4\n"
            "002  AX       V     C        00:00:01:00 00:00:59:29 00:00:01:00 00:00:59:29\n"
            "* FROM CLIP NAME: film.mp4\n");
}

TEST(Edl, a_line_break_in_a_name_cannot_add_an_event) {
  const auto edl = to_edl({scene(0, 0, 30)}, {"a\n002 AX", "b\r\nc", {25, 1}});
  ASSERT_TRUE(edl.ok());
  EXPECT_THAT(*edl, HasSubstr("TITLE: a 002 AX\n"));
  EXPECT_THAT(*edl, HasSubstr("NAME: b  c\n"));
}

TEST(Edl, an_unknown_rate_is_an_error) { EXPECT_FALSE(to_edl({scene(0, 0, 30)}, {"a", "b", {0, 1}}).ok()); }

TEST(Otio, is_a_timeline_with_one_clip_per_scene) {
  const std::string text = otio({scene(0, 0, 30), scene(1, 30, 180)}, {"film", "film \xff.mp4", {30000, 1001}});
  const auto timeline = nlohmann::json::parse(text);
  EXPECT_EQ(timeline["OTIO_SCHEMA"], "Timeline.1");
  const auto& clips = timeline["tracks"]["children"][0]["children"];
  ASSERT_EQ(clips.size(), 2U);
  EXPECT_EQ(clips[1]["source_range"]["start_time"]["value"], 30.0);
  EXPECT_EQ(clips[1]["source_range"]["duration"]["value"], 150.0);
  EXPECT_NEAR(clips[1]["source_range"]["duration"]["rate"].get<double>(), 29.97002997, 1e-6);
  EXPECT_EQ(clips[1]["media_reference"]["available_range"]["duration"]["value"], 180.0);
}

TEST(Otio, comes_in_pieces_that_are_one_document) {
  std::vector<SceneRecord> scenes;
  for (int i = 0; i < 500; ++i) scenes.push_back(scene(i, i * 10, i * 10 + 10));
  const OtioSource source{"null\n", "a \"null\n\" film.mp4", {25, 1}};
  std::size_t longest = 0;
  const std::string text = otio(scenes, source, &longest);
  EXPECT_LT(longest, text.size() / 5);
  const auto timeline = nlohmann::ordered_json::parse(text);
  EXPECT_EQ(timeline.dump(2) + "\n", text) << "as if it were written at once";
  EXPECT_EQ(timeline["name"], source.name);
  const auto& clips = timeline["tracks"]["children"][0]["children"];
  ASSERT_EQ(clips.size(), scenes.size());
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    EXPECT_EQ(clips[i]["metadata"]["cinescribe"]["scene_index"], i);
    EXPECT_EQ(clips[i]["media_reference"]["target_url"], source.target_url);
  }
}

TEST(Otio, without_scenes_has_an_empty_track) {
  const std::string text = otio({}, {"a", "b", {25, 1}});
  const auto timeline = nlohmann::ordered_json::parse(text);
  EXPECT_EQ(timeline.dump(2) + "\n", text);
  EXPECT_TRUE(timeline["tracks"]["children"][0]["children"].empty());
}

TEST(Otio, a_sink_that_fails_ends_it) {
  const Status status = write_otio({scene(0, 0, 30)}, {"a", "b", {25, 1}}, [](std::string_view) {
    return Status(Error{ErrorCode::kResource, "full"});
  });
  EXPECT_EQ(status.error().message, "full");
}

TEST(Otio, an_unknown_rate_is_an_error) {
  EXPECT_FALSE(write_otio({}, {"a", "b", {}}, [](std::string_view) { return Status(); }).ok());
}

}  // namespace
}  // namespace cinescribe::results
