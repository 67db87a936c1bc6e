#include "cinescribe/objects/mot_file.h"

#include "support/scratch_folder.h"
#include <gtest/gtest.h>

namespace cinescribe::objects {
namespace {

TEST(MotFile, ReadsCommasBlanksAndShortOrLongLines) {
  const auto rows = parse_mot("1,2,3.5,4,5,6\r\n\n2 -1 1 2 3 4 0.5 7 -1 -1\n", "x");
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ((*rows)[0].frame, 1);
  EXPECT_EQ((*rows)[0].id, 2);
  EXPECT_EQ((*rows)[0].x, 3.5);
  EXPECT_EQ((*rows)[0].score, 1.0);
  EXPECT_EQ((*rows)[0].class_id, -1);
  EXPECT_EQ((*rows)[1].score, 0.5);
  EXPECT_EQ((*rows)[1].class_id, 7);
}

TEST(MotFile, NamesTheLineThatIsWrong) {
  for (const char* text : {"1,1,0,0,5,5\n1,1,0,0\n", "1,1,0,0,5,5\n1,1,zero,0,5,5\n", "1,1,0,0,5,5\n-1,1,0,0,5,5\n",
                           "1,1,0,0,5,5\n99999999999,1,0,0,5,5\n", "1,1,0,0,5,5\n1.5,1,0,0,5,5\n",
                           "1,1,0,0,5,5\n1,1,nan,0,5,5\n", "1,1,0,0,5,5\n1,1,1e999,0,5,5\n"}) {
    const auto rows = parse_mot(text, "tracks.txt");
    ASSERT_FALSE(rows.ok()) << text;
    EXPECT_EQ(rows.error().code, ErrorCode::kInput);
    EXPECT_NE(rows.error().message.find("tracks.txt: line 2"), std::string::npos) << rows.error().message;
  }
}

class ReadDetections : public ::testing::Test {
 protected:
  Result<DetectionSequence> read(std::string_view text) {
    test::write_bytes(folder_ / "d", text);
    return read_detections(folder_ / "d", 10.0);
  }
  test::ScratchFolder folder_;
};

TEST_F(ReadDetections, FillsTheGapsOfAMotFileWithEmptyFrames) {
  const auto sequence = read("4,-1,10,20,30,40,0.5,2\n2,-1,1,1,1,1,1\n");
  ASSERT_TRUE(sequence.ok()) << sequence.error().message;
  ASSERT_EQ(sequence->frames.size(), 4U);
  EXPECT_TRUE(sequence->frames[0].detections.empty());
  EXPECT_EQ(sequence->frames[3].frame, 4);
  EXPECT_EQ(sequence->frames[3].time, Timestamp::from_seconds(0.3));
  const Detection& d = sequence->frames[3].detections.at(0);
  EXPECT_EQ(d.box, (Box{10, 20, 40, 60}));
  EXPECT_EQ(d.class_id, 2);
}

TEST_F(ReadDetections, ReadsWhatTheObjectsCommandWrites) {
  const auto sequence = read(
      R"({"frames": [{"time_seconds": 0.5, "frame": 12, "objects": [{"label": "car", "score": 0.5, "box": [1,2,3,4]},
      {"label": "dog", "score": 1, "box": [1,2,3,4]}]}, {"time_seconds": 0.75, "frame": 18, "objects": []}]})");
  ASSERT_TRUE(sequence.ok()) << sequence.error().message;
  ASSERT_EQ(sequence->frames.size(), 2U);
  EXPECT_EQ(sequence->frames[0].frame, 13);
  EXPECT_EQ(sequence->frames[0].time, Timestamp::from_seconds(0.5));
  EXPECT_EQ(sequence->frames[0].detections[1].class_id, 1);
  EXPECT_EQ(sequence->labels, (std::vector<std::string>{"car", "dog"}));
}

TEST_F(ReadDetections, ReadsPlainListsPerFrame) {
  const auto sequence = read(R"({"detections": [[[1,2,3,4,0.5,3]], [], [[1,2,3,4,0.25]]]})");
  ASSERT_TRUE(sequence.ok()) << sequence.error().message;
  ASSERT_EQ(sequence->frames.size(), 3U);
  EXPECT_EQ(sequence->frames[0].detections[0].class_id, 3);
  EXPECT_EQ(sequence->frames[2].frame, 3);
}

TEST_F(ReadDetections, SaysWhatIsWrongWithJson) {
  const std::pair<const char*, const char*> cases[] = {
      {"{", "no valid JSON"},
      {"{}", "neither"},
      {"[1]", "neither"},
      {R"({"frames": [3]})", "frames[0]"},
      {R"({"frames": [{"objects": [{"score": 1}]}]})", "frames[0].objects[0]"},
      {R"({"frames": [{"objects": [{"box": [1,2,3,"4"], "score": 1}]}]})", "box"},
      {R"({"frames": [{"objects": [{"box": [1,2,3,4]}]}]})", "score"},
      {R"({"frames": [{"frame": 5, "objects": []}, {"frame": 5, "objects": []}]})", "not later"},
      {R"({"frames": [{"frame": -5, "objects": []}]})", "impossible"},
      {R"({"detections": [[[1,2,3]]]})", "detections[0]"}};
  for (const auto& [text, words] : cases) {
    const auto sequence = read(text);
    ASSERT_FALSE(sequence.ok()) << text;
    EXPECT_EQ(sequence.error().code, ErrorCode::kInput);
    EXPECT_NE(sequence.error().message.find(words), std::string::npos) << sequence.error().message;
  }
}

TEST_F(ReadDetections, TakesAnEmptyFileForNoDetections) {
  const auto sequence = read("");
  ASSERT_TRUE(sequence.ok());
  EXPECT_TRUE(sequence->frames.empty());
}

TEST(MotFile, WritesLinesThatReadBack) {
  TrackedBox box;
  box.track_id = 7;
  box.box = {-1.25F, 2.5F, 10.0F, 20.0F};
  box.score = 0.5F;
  box.class_id = 3;
  const std::string line = mot_line(12, box);
  EXPECT_EQ(line, "12,7,-1.2500,2.5000,11.2500,17.5000,0.5,3,-1,-1\n");
  EXPECT_EQ((*parse_mot(line, "x"))[0].class_id, 3);
}

}  // namespace
}  // namespace cinescribe::objects
