#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cinescribe/results/base_data_reader.h"
#include "cinescribe/results/base_data_writer.h"
#include "cinescribe/results/record_json.h"

namespace cinescribe::results {
namespace {

namespace fs = std::filesystem;

BaseData some_data() {
  BaseData data;
  data.video.file_name = "talk.mp4";
  data.video.size_bytes = 1234;
  data.video.fingerprint = "abc";
  data.video.container = "mov,mp4";
  data.video.duration = Duration::from_ms(4500);
  PictureFacts picture;
  picture.codec = "h264";
  picture.width = 640;
  picture.height = 360;
  picture.frame_rate = {30000, 1001};
  data.video.picture = picture;
  data.stages = {{"scenes", "{\"threshold\":27.0}"}, {"speech", "{\"model\":\"whisper-base\"}"}};
  data.models = {{"speech", "whisper-base", "00ff"}};
  data.language = SpokenLanguage{"en", 0.5};
  return data;
}

SceneRecord scene(std::int64_t index) {
  SceneRecord record;
  record.scene_index = index;
  record.start_frame = index * 10;
  record.end_frame = index * 10 + 10;
  record.range = {Timestamp::from_seconds(static_cast<double>(index)),
                  Timestamp::from_seconds(static_cast<double>(index + 1))};
  return record;
}

class BaseDataTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(path_.parent_path()); }
  void TearDown() override { fs::remove_all(path_.parent_path()); }
  void write(int scenes, const std::vector<StageTiming>& timings = {}) {
    auto writer = BaseDataWriter::create(path_, some_data());
    ASSERT_TRUE(writer.ok());
    for (int i = 0; i < scenes; ++i) ASSERT_TRUE(writer->scene(scene(i)).ok());
    ASSERT_TRUE(writer->finish(timings).ok());
  }
  Result<BaseData> read() {
    scenes_.clear();
    return read_base_data(path_, [this](SceneRecord&& record) -> Status {
      scenes_.push_back(std::move(record));
      return {};
    });
  }
  std::string content() {
    std::ifstream stream(path_);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  void replace(const std::string& from, const std::string& to) {
    std::string text = content();
    ASSERT_NE(text.find(from), std::string::npos);
    text.replace(text.find(from), from.size(), to);
    std::ofstream(path_) << text;
  }
  const fs::path path_ =
      fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name() / "base_data.json";
  std::vector<SceneRecord> scenes_;
};

TEST_F(BaseDataTest, WhatIsWrittenIsRead) {
  write(3, {{"scenes", 2.0, 1.0, 4.0}});
  const auto data = read();
  ASSERT_TRUE(data.ok()) << data.error().message;
  ASSERT_EQ(scenes_.size(), 3U);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(scene_json(scenes_.at(static_cast<std::size_t>(i))), scene_json(scene(i)));
  EXPECT_EQ(video_facts_json(data->video), video_facts_json(some_data().video));
  ASSERT_EQ(data->stages.size(), 2U);
  EXPECT_EQ(data->stages[0].name, "scenes");
  EXPECT_EQ(data->stages[0].settings_json, "{\"threshold\":27.0}");
  EXPECT_EQ(data->models.at(0).sha256, "00ff");
  EXPECT_EQ(data->language->code, "en");
  EXPECT_EQ(data->timings.at(0).wall_seconds, 2.0);
}

TEST_F(BaseDataTest, AVideoWithoutScenesIsStillWhole) {
  write(0);
  ASSERT_TRUE(read().ok());
  EXPECT_TRUE(scenes_.empty());
}

TEST_F(BaseDataTest, TimingsAreTheOnlyDifferenceBetweenTwoRuns) {
  write(2, {{"scenes", 2.0, 1.0, 4.0}});
  const std::string first = content();
  write(2, {{"scenes", 3.0, 1.0, 4.0}});
  const std::string second = content();
  EXPECT_NE(first, second);
  EXPECT_EQ(first.substr(0, first.find("\"timings\"")), second.substr(0, second.find("\"timings\"")));
}

TEST_F(BaseDataTest, EveryTruncationIsRefused) {
  write(2);
  const std::string whole = content();
  for (std::size_t size = 0; size + 2 < whole.size(); size += 7) {
    std::ofstream(path_) << whole.substr(0, size);
    const auto data = read();
    ASSERT_FALSE(data.ok()) << size;
    EXPECT_EQ(data.error().code, ErrorCode::kInput);
  }
}

TEST_F(BaseDataTest, AnotherSchemaVersionIsRefused) {
  write(1);
  replace("\"schema_version\": 1", "\"schema_version\": 99");
  const auto data = read();
  ASSERT_FALSE(data.ok());
  EXPECT_NE(data.error().message.find("99"), std::string::npos);
}

TEST_F(BaseDataTest, ABadSceneIsNamedByItsNumber) {
  write(3);
  replace("\"scene_index\": 1", "\"scene_index\": \"one\"");
  const auto data = read();
  ASSERT_FALSE(data.ok());
  EXPECT_NE(data.error().message.find("scene 1"), std::string::npos) << data.error().message;
  EXPECT_NE(data.error().message.find("'scene_index'"), std::string::npos);
}

TEST_F(BaseDataTest, DeepNestingIsRefused) {
  std::ofstream(path_) << std::string(100'000, '[');
  EXPECT_FALSE(read().ok());
  std::ofstream(path_) << std::string(100'000, '[') << std::string(100'000, ']');
  EXPECT_FALSE(read().ok());
}

TEST_F(BaseDataTest, AFailingSinkEndsTheReading) {
  write(3);
  int calls = 0;
  const auto data = read_base_data(path_, [&calls](SceneRecord&&) -> Status {
    ++calls;
    return Error{ErrorCode::kInterrupted, "enough"};
  });
  ASSERT_FALSE(data.ok());
  EXPECT_EQ(data.error().code, ErrorCode::kInterrupted);
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace cinescribe::results
