#include "cinescribe/results/record_json.h"

#include <string>

#include <gtest/gtest.h>

namespace cinescribe::results {
namespace {

SegmentRecord a_segment() {
  SegmentRecord segment;
  segment.range = {Timestamp::from_ns(1'033'366'667), Timestamp::from_ns(2'500'000'000)};
  segment.text = "We choose — to go";
  segment.avg_logprob = -0.25;
  segment.no_speech_prob = 0.125;
  segment.compression_ratio = 1.5;
  segment.words = {{{Timestamp::from_ns(1'033'366'667), Timestamp::from_ns(1'400'000'000)}, " We", 0.75}};
  return segment;
}

TEST(RecordJson, ASegmentComesBackAsItWas) {
  const SegmentRecord segment = a_segment();
  const auto back = segment_from_json(segment_json(segment));
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(back->range, segment.range);
  EXPECT_EQ(back->text, segment.text);
  EXPECT_EQ(back->words.at(0).range, segment.words.at(0).range);
  EXPECT_EQ(back->words.at(0).text, " We");
  EXPECT_EQ(segment_json(*back), segment_json(segment));
}

TEST(RecordJson, ASceneHasTheKeysOfTheContract) {
  SceneRecord scene;
  scene.scene_index = 3;
  scene.start_frame = 90;
  scene.end_frame = 150;
  scene.range = {Timestamp::from_ns(3'003'000'000), Timestamp::from_ns(5'005'000'000)};
  scene.frame_files = {"frames/scene_00003_start.jpg"};
  EXPECT_EQ(scene_json(scene),
            "{\"scene_index\":3,\"start_seconds\":3.003,\"end_seconds\":5.005,\"start_frame\":90,\"end_frame\":150,"
            "\"start_timecode\":\"00:00:03.003\",\"end_timecode\":\"00:00:05.005\",\"speech\":[],"
            "\"frames\":[\"frames/scene_00003_start.jpg\"],\"sounds\":[],\"objects\":[],\"object_counts\":{}}");
}

TEST(RecordJson, ASceneOfSoundAloneHasNoFrameNumbers) {
  SceneRecord scene;
  scene.start_frame = -1;
  scene.end_frame = -1;
  EXPECT_NE(scene_json(scene).find("\"start_frame\":null,\"end_frame\":null"), std::string::npos);
  const auto back = scene_from_json(scene_json(scene));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->start_frame, -1);
}

TEST(RecordJson, BytesThatAreNoUtf8AreReplaced) {
  SegmentRecord segment = a_segment();
  segment.text = "broken \xff byte";
  const auto back = segment_from_json(segment_json(segment));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->text, "broken \xEF\xBF\xBD byte");
}

TEST(RecordJson, ForeignTextIsRefusedWithTheNameOfTheKey) {
  for (const char* text : {"", "{", "[]", "null", "7", "{\"start_seconds\":1}"}) {
    EXPECT_FALSE(segment_from_json(text).ok()) << text;
    EXPECT_FALSE(scene_from_json(text).ok()) << text;
    EXPECT_FALSE(video_facts_from_json(text).ok()) << text;
    EXPECT_FALSE(language_from_json(text).ok()) << text;
  }
  std::string text = segment_json(a_segment());
  text.replace(text.find("-0.25"), 5, "\"no\"");
  const auto result = segment_from_json(text);
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.error().message.find("'avg_logprob'"), std::string::npos);
}

}  // namespace
}  // namespace cinescribe::results
