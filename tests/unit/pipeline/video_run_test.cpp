#include "cinescribe/pipeline/video_run.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "unit/pipeline/stub_pass.h"
#include "unit/pipeline/stub_stages.h"
#include <gtest/gtest.h>

#include "cinescribe/pipeline/journal_state.h"
#include "cinescribe/results/base_data_reader.h"

namespace cinescribe::pipeline {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// base_data.json up to its timings.
std::string facts_of(const fs::path& path) {
  const std::string text = content_of(path);
  EXPECT_NE(text.find("\"timings\""), std::string::npos);
  return text.substr(0, text.find("\"timings\""));
}

class VideoRunTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              ("run_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    std::ofstream(file_ = folder_ / "talk.mp4") << "a video";
    choose({"scenes", "frames", "speech", "sounds", "objects"});
    open_output("results");
  }
  void TearDown() override {
    output_.reset();
    fs::remove_all(folder_);
  }
  void choose(const std::vector<std::string>& names) {
    stages_.clear();
    for (const std::string& name : names) stages_.push_back(std::make_unique<StubStage>(name, controls_[name]));
  }
  void open_output(const std::string& name) {
    output_.reset();
    auto output = OutputFolder::open(folder_ / name);
    ASSERT_TRUE(output.ok());
    output_ = std::make_unique<OutputFolder>(std::move(*output));
    base_ = folder_ / name / "base" / "talk";
  }
  Result<VideoReport> run(const VideoRunOptions& options = {}, const std::stop_token& stop = {}) {
    return run_video(
        file_, *output_, stages_, options, listener_, stop,
        [this](const fs::path&, const media::DecodeOptions&) -> Result<std::unique_ptr<media::DecodePass>> {
          ++passes_;
          return std::unique_ptr<media::DecodePass>(std::make_unique<StubPass>(video_));
        });
  }
  int starts(const std::string& stage) { return controls_[stage].starts; }
  std::vector<results::SceneRecord> scenes() {
    std::vector<results::SceneRecord> all;
    const auto data = results::read_base_data(base_ / "base_data.json", [&all](results::SceneRecord&& scene) -> Status {
      all.push_back(std::move(scene));
      return {};
    });
    EXPECT_TRUE(data.ok()) << (data.ok() ? "" : data.error().message);
    return all;
  }

  fs::path folder_;
  fs::path file_;
  fs::path base_;
  StubVideo video_;
  std::map<std::string, StubControl> controls_;
  std::vector<std::unique_ptr<Stage>> stages_;
  std::unique_ptr<OutputFolder> output_;
  ProgressListener listener_;
  int passes_ = 0;
};

TEST_F(VideoRunTest, AVideoBecomesScenesWithSpeechAndPictures) {
  const auto report = run();
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->folder, base_);
  EXPECT_FALSE(report->was_done);
  EXPECT_EQ(report->totals.scenes, 5);
  EXPECT_EQ(report->totals.segments, 5);
  EXPECT_EQ(report->totals.words, 10);
  EXPECT_EQ(report->length, Duration::from_ms(5000));
  const auto all = scenes();
  ASSERT_EQ(all.size(), 5U);
  EXPECT_EQ(all[3].speech.at(0).text, "word 3");
  EXPECT_EQ(all[3].frame_files, std::vector<std::string>{"frames/3.jpg"});
  EXPECT_EQ(passes_, 1);
  for (const char* name : {"scenes.csv", "transcript.json", "transcript.srt", "transcript.vtt", "transcript.txt"}) {
    EXPECT_TRUE(fs::exists(base_ / name)) << name;
  }
}

TEST_F(VideoRunTest, EachSceneTellsWhatIsHeardAndSeenInIt) {
  const auto report = run();
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->totals.tracks, 2);
  EXPECT_EQ(report->totals.sounds, 1);
  const auto all = scenes();
  ASSERT_EQ(all.size(), 5U);
  for (const auto& scene : all) {
    ASSERT_EQ(scene.sounds.size(), 1U);
    EXPECT_EQ(scene.sounds[0].label, "long");
    EXPECT_NEAR(scene.sounds[0].max_score, 1.0, 1e-5);
  }
  ASSERT_EQ(all[1].objects.size(), 2U);
  EXPECT_EQ(all[1].objects[0].label, "dog");
  EXPECT_EQ(all[1].objects[1].label, "cat");
  EXPECT_EQ(all[2].objects[1].sightings, 5);
  EXPECT_EQ(all[3].objects.size(), 1U);
  EXPECT_EQ(content_of(base_ / "sounds.csv"),
            "start_seconds,end_seconds,label,max_score\n0.000000,5.000000,long,0.999999\n");
  const std::string table = content_of(base_ / "objects.csv");
  EXPECT_NE(table.find("\n2,2,cat,2.000000,2.400000,5,0.500000,"), std::string::npos) << table;
  const std::string boxes = content_of(base_ / "tracks.mot.txt");
  EXPECT_NE(boxes.find("\n25,2,0.0000,0.0000,2.0000,2.0000,0.5,0,-1,-1\n"), std::string::npos) << boxes;
  EXPECT_EQ(std::count(boxes.begin(), boxes.end(), '\n'), 65);
}

TEST_F(VideoRunTest, SoundsAloneLaterUseTheScenesOfAnEarlierRun) {
  choose({"scenes"});
  ASSERT_TRUE(run().ok());
  choose({"sounds"});
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(starts("scenes"), 1);
  EXPECT_EQ(scenes().at(4).sounds.size(), 1U);
  choose({"scenes", "sounds"});
  EXPECT_TRUE(run()->was_done);
}

TEST_F(VideoRunTest, SoundsTaggedWithoutScenesAreDoneAgainWithThem) {
  choose({"sounds"});
  ASSERT_TRUE(run().ok());
  ASSERT_EQ(scenes().size(), 1U);
  EXPECT_EQ(scenes()[0].sounds.size(), 1U);
  choose({"scenes"});
  ASSERT_TRUE(run().ok());
  ASSERT_EQ(scenes().size(), 5U);
  EXPECT_TRUE(scenes()[0].sounds.empty());
  EXPECT_FALSE(fs::exists(base_ / "sounds.csv"));  // they told of another division
  choose({"scenes", "sounds"});
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(starts("sounds"), 2);
  EXPECT_EQ(scenes()[4].sounds.size(), 1U);
}

TEST_F(VideoRunTest, AScenesStageThatFailsDoesNotLeaveSoundsWaiting) {
  controls_["scenes"].on_finish = []() -> Status { return Error{ErrorCode::kModel, "broken"}; };
  const auto report = run();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().code, ErrorCode::kModel);
}

TEST_F(VideoRunTest, ASecondRunDoesNothing) {
  ASSERT_TRUE(run().ok());
  const std::string before = content_of(base_ / "base_data.json");
  const auto again = run();
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->was_done);
  EXPECT_EQ(again->totals.words, 10);
  EXPECT_EQ(passes_, 1);
  EXPECT_EQ(content_of(base_ / "base_data.json"), before);
}

TEST_F(VideoRunTest, ForceDoesEverythingAgain) {
  ASSERT_TRUE(run().ok());
  const auto again = run({.is_forced = true, .decode = {}});
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->was_done);
  EXPECT_EQ(starts("scenes"), 2);
  EXPECT_EQ(starts("speech"), 2);
}

TEST_F(VideoRunTest, OnlyTheStageWhoseSettingsChangedRunsAgain) {
  ASSERT_TRUE(run().ok());
  controls_["speech"].settings = "{\"stub\":2}";
  const auto again = run();
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->reused, (std::vector<std::string>{"scenes", "frames", "sounds", "objects"}));
  EXPECT_EQ(starts("scenes"), 1);
  EXPECT_EQ(starts("speech"), 2);
}

TEST_F(VideoRunTest, AStageThatUsesAnothersResultsRunsAgainWithIt) {
  ASSERT_TRUE(run().ok());
  controls_["scenes"].settings = "{\"stub\":2}";
  const auto again = run();
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->reused, (std::vector<std::string>{"speech", "objects"}));
  EXPECT_EQ(starts("frames"), 2);
  EXPECT_EQ(starts("sounds"), 2);
}

TEST_F(VideoRunTest, AnotherVideoUnderTheSameNameStartsAnew) {
  ASSERT_TRUE(run().ok());
  std::ofstream(file_) << "another video";
  const auto again = run();
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(starts("scenes"), 2);
  EXPECT_TRUE(again->reused.empty());
}

TEST_F(VideoRunTest, AfterAStopTheFinishedStagesAreKeptAndTheResultIsTheSame) {
  ASSERT_TRUE(run().ok());
  const std::string whole = facts_of(base_ / "base_data.json");
  const std::string whole_transcript = content_of(base_ / "transcript.json");

  open_output("stopped");
  std::stop_source stop;
  controls_["frames"].on_finish = [&]() -> Status {
    for (int i = 0; i < 20'000 && !read_journal(base_ / "journal.jsonl")->stages["scenes"].is_done; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    stop.request_stop();
    return Error{ErrorCode::kInterrupted, "stopped"};
  };
  const auto stopped = run({}, stop.get_token());
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, ErrorCode::kInterrupted);
  EXPECT_FALSE(fs::exists(base_ / "base_data.json"));

  controls_["frames"].on_finish = nullptr;
  const auto resumed = run();
  ASSERT_TRUE(resumed.ok()) << resumed.error().message;
  EXPECT_FALSE(resumed->reused.empty());
  EXPECT_EQ(starts("scenes"), 2);  // once per folder
  EXPECT_EQ(facts_of(base_ / "base_data.json"), whole);
  EXPECT_EQ(content_of(base_ / "transcript.json"), whole_transcript);
}

TEST_F(VideoRunTest, ARunKilledAtAnyByteOfItsJournalEndsWithTheSameResult) {
  ASSERT_TRUE(run().ok());
  const std::string whole = facts_of(base_ / "base_data.json");
  const std::string journal = content_of(base_ / "journal.jsonl");
  for (std::size_t kept = 0; kept < journal.size(); kept += 211) {
    fs::remove_all(base_);
    fs::create_directories(base_);
    std::ofstream(base_ / "journal.jsonl", std::ios::binary) << journal.substr(0, kept);
    const auto report = run();
    ASSERT_TRUE(report.ok()) << kept << ": " << report.error().message;
    ASSERT_EQ(facts_of(base_ / "base_data.json"), whole) << kept;
  }
}

TEST_F(VideoRunTest, AMissingFileIsWrittenAgainFromTheJournal) {
  ASSERT_TRUE(run().ok());
  const std::string before = facts_of(base_ / "base_data.json");
  fs::remove(base_ / "base_data.json");
  fs::remove(base_ / "transcript.srt");
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(facts_of(base_ / "base_data.json"), before);
  EXPECT_TRUE(fs::exists(base_ / "transcript.srt"));
  EXPECT_EQ(passes_, 1);
}

TEST_F(VideoRunTest, WhatAKilledProcessLeftHalfWrittenIsRemoved) {
  ASSERT_TRUE(run().ok());
  std::ofstream(base_ / ".base_data.json.123.0.part") << "{";
  std::ofstream(base_ / ".transcript.srt.123.1.tmp") << "1";
  ASSERT_TRUE(run().ok());
  EXPECT_FALSE(fs::exists(base_ / ".base_data.json.123.0.part"));
  EXPECT_FALSE(fs::exists(base_ / ".transcript.srt.123.1.tmp"));
}

TEST_F(VideoRunTest, ABrokenFileLeavesNothingThatLooksWhole) {
  video_.fail_after_frames = 20;
  const auto report = run();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().code, ErrorCode::kInput);
  EXPECT_FALSE(fs::exists(base_ / "base_data.json"));
  EXPECT_FALSE(fs::exists(base_ / "transcript.txt"));
}

TEST_F(VideoRunTest, SoundAloneIsOneSceneWithoutFrameNumbers) {
  video_.has_video = false;
  ASSERT_TRUE(run().ok());
  const auto all = scenes();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].start_frame, -1);
  EXPECT_EQ(all[0].range, (TimeRange{Timestamp(), Timestamp::from_seconds(5)}));
  EXPECT_EQ(all[0].speech.size(), 5U);
}

TEST_F(VideoRunTest, PicturesAloneHaveAnEmptyTranscript) {
  video_.has_audio = false;
  const auto report = run();
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->totals.scenes, 5);
  EXPECT_EQ(report->totals.words, 0);
}

TEST_F(VideoRunTest, AJournalOnAnUnwritablePathIsAResourceError) {
  std::ofstream(folder_ / "results" / "base") << "a file in the way";
  const auto report = run();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().code, ErrorCode::kResource);
}

}  // namespace
}  // namespace cinescribe::pipeline
