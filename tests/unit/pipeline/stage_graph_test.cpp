#include "cinescribe/pipeline/stage_graph.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>

#include "unit/pipeline/stub_pass.h"
#include "unit/pipeline/stub_stages.h"
#include <gtest/gtest.h>

#include "cinescribe/pipeline/journal_state.h"

namespace cinescribe::pipeline {
namespace {

namespace fs = std::filesystem;

class StageGraphTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              ("graph_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder_);
    auto journal = Journal::open(folder_ / "journal.jsonl");
    ASSERT_TRUE(journal.ok());
    journal_ = std::make_unique<Journal>(std::move(*journal));
  }
  void TearDown() override { fs::remove_all(folder_); }

  Status run(const StubVideo& video, const std::stop_token& stop = {}) {
    StubPass pass(video);
    StageContext context;
    context.folder = folder_;
    context.info = &pass.info();
    SceneBoundaries boundaries;
    context.boundaries = &boundaries;
    StageGraph graph(context, *journal_, listener_);
    graph.add({&scenes_, "k1", "", {}}, pass);
    graph.add({&frames_, "k2", "k1", {}}, pass);
    graph.add({&speech_, "k3", "", {}}, pass);
    return graph.run(
        &pass,
        [this]() -> Status {
          ++passes_;
          return {};
        },
        stop);
  }
  JournalState state() { return *read_journal(folder_ / "journal.jsonl"); }

  fs::path folder_;
  std::unique_ptr<Journal> journal_;
  ProgressListener listener_;
  StubControl scenes_control_;
  StubControl frames_control_;
  StubControl speech_control_;
  StubStage scenes_{"scenes", scenes_control_};
  StubStage frames_{"frames", frames_control_};
  StubStage speech_{"speech", speech_control_};
  int passes_ = 0;
};

TEST_F(StageGraphTest, AllStagesAreFedFromOnePass) {
  ASSERT_TRUE(run({}).ok());
  EXPECT_EQ(scenes_control_.pushes, 50);
  EXPECT_EQ(speech_control_.pushes, 50);
  EXPECT_EQ(passes_, 1);
  EXPECT_TRUE(state().is_done("scenes", "k1"));
  EXPECT_TRUE(state().is_done("frames", "k2"));
  EXPECT_TRUE(state().is_done("speech", "k3"));
  EXPECT_EQ(state().stages.at("speech").language->code, "en");
  EXPECT_EQ(state().stages.at("scenes").timing.media_seconds, 5.0);
}

TEST_F(StageGraphTest, ScenesAreHandedOnWhileTheVideoStillRuns) {
  int handed_on = 0;
  scenes_control_.on_push = [&]() -> Status {
    if (scenes_control_.pushes < 50) return {};  // the last picture: all scenes but one are certain
    for (int i = 0; i < 20'000 && frames_control_.pushes < 4; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    handed_on = frames_control_.pushes;
    return {};
  };
  ASSERT_TRUE(run({}).ok());
  EXPECT_EQ(handed_on, 4);
  EXPECT_EQ(frames_control_.pushes, 5);
  EXPECT_EQ(frames_control_.finishes, 1);
  EXPECT_EQ(state().stages.at("frames").timing.media_seconds, 5.0);
}

TEST_F(StageGraphTest, AFailureBesideItEndsTheWaitForScenes) {
  speech_control_.on_push = []() -> Status { return Error{ErrorCode::kModel, "the model is broken"}; };
  scenes_control_.on_push = [this]() -> Status {  // no scene ever becomes certain
    return scenes_control_.pushes < 9 ? Status() : Status(Error{ErrorCode::kInterrupted, "stopped"});
  };
  const Status status = run({.seconds = 600});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kModel);
  EXPECT_EQ(frames_control_.pushes, 0);
  EXPECT_EQ(frames_control_.finishes, 0);
}

TEST_F(StageGraphTest, ASlowStageHoldsTheDecoderBack) {
  std::atomic<int> ahead = 0;
  speech_control_.on_push = [&]() -> Status {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ahead = std::max(ahead.load(), scenes_control_.pushes - speech_control_.pushes);
    return {};
  };
  ASSERT_TRUE(run({.seconds = 10}).ok());
  EXPECT_LE(ahead, 2 + 2 + 2);  // both queues, and an item in each hand
}

TEST_F(StageGraphTest, ThePassIsOverBeforeAnyStageFinishes) {
  scenes_control_.on_finish = [this]() -> Status {
    EXPECT_EQ(passes_, 1);
    return {};
  };
  ASSERT_TRUE(run({}).ok());
}

TEST_F(StageGraphTest, AFailingStageStopsTheOthersAndItsErrorComesOut) {
  speech_control_.on_push = [this]() -> Status {
    if (speech_control_.pushes < 7) return {};
    return Error{ErrorCode::kModel, "the model is broken"};
  };
  const Status status = run({.seconds = 600});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kModel);
  EXPECT_EQ(status.error().message, "the model is broken");
  EXPECT_EQ(scenes_control_.finishes, 0);
  EXPECT_FALSE(state().stages.at("speech").is_done);
}

TEST_F(StageGraphTest, AnExceptionInAStageIsAnErrorNotACrash) {
  scenes_control_.on_push = []() -> Status { throw std::runtime_error("boom"); };
  const Status status = run({});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInternal);
  EXPECT_NE(status.error().message.find("boom"), std::string::npos);
}

TEST_F(StageGraphTest, AFailureOfTheDecoderFinishesNoStage) {
  const Status status = run({.fail_after_frames = 20});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInput);
  EXPECT_EQ(scenes_control_.finishes, 0);
  EXPECT_EQ(speech_control_.finishes, 0);
  EXPECT_EQ(passes_, 0);
}

TEST_F(StageGraphTest, AStopEndsEverythingInTheMiddle) {
  std::stop_source stop;
  scenes_control_.on_push = [&]() -> Status {
    if (scenes_control_.pushes == 30) stop.request_stop();
    return {};
  };
  const Status status = run({.seconds = 600}, stop.get_token());
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInterrupted);
  EXPECT_FALSE(state().stages.at("scenes").is_done);
}

TEST_F(StageGraphTest, AVideoWithoutSoundHasNoSpeech) {
  ASSERT_TRUE(run({.has_audio = false}).ok());
  EXPECT_EQ(speech_control_.pushes, 0);
  EXPECT_TRUE(state().is_done("speech", "k3"));
}

TEST_F(StageGraphTest, SoundAloneHasNoScenes) {
  ASSERT_TRUE(run({.has_video = false}).ok());
  EXPECT_EQ(scenes_control_.pushes, 0);
  EXPECT_EQ(speech_control_.pushes, 50);
  EXPECT_TRUE(state().is_done("scenes", "k1"));
}

}  // namespace
}  // namespace cinescribe::pipeline
