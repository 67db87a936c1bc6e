#include "cinescribe/pipeline/worker_captioner.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "support/scratch_folder.h"
#include <gtest/gtest.h>

namespace cinescribe::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr int kScenes = 7;

/// support/odd_worker.cpp, which goes wrong as the captioner's name says.
class WorkerCaptionerTest : public testing::Test {
 protected:
  WorkerCaptionerTest() {
    options_.program = fs::read_symlink("/proc/self/exe").parent_path() / "odd_worker";
    options_.on_event = [this](const std::string& words) { events_.push_back(words); };
  }

  Result<std::unique_ptr<captions::Captioner>> start(const std::string& how, const std::stop_token& stop = {}) {
    return start_worker_captioner({how, {}, false, "aabb"}, options_, stop);
  }

  Status run(captions::Captioner& captioner, const std::stop_token& stop = {}) {
    int asked = 0;
    return captioner.run(
        [&]() -> std::optional<captions::CaptionRequest> {
          if (asked == kScenes) return std::nullopt;
          captions::CaptionRequest scene;
          scene.id = asked++;
          scene.prompt = "scene";
          scene.frames = {Image(64, 36, 3)};
          scene.frames[0].pixels.back() = static_cast<std::uint8_t>(scene.id + 1);
          return scene;
        },
        [this](captions::CaptionOutcome outcome) {
          EXPECT_FALSE(outcomes_.contains(outcome.id)) << outcome.id << " twice";
          outcomes_.emplace(outcome.id, std::move(outcome));
          if (on_outcome_) on_outcome_();
        },
        stop);
  }

  /// Everything described, but for `but`.
  void expect_all(std::int64_t but = -1) {
    ASSERT_EQ(outcomes_.size(), static_cast<std::size_t>(kScenes));
    for (const auto& [id, outcome] : outcomes_) {
      if (id == but) continue;
      ASSERT_TRUE(outcome.caption.ok()) << id << ": " << outcome.caption.error().message;
      EXPECT_EQ(outcome.caption->text, "scene " + std::to_string(id));
      EXPECT_EQ(outcome.caption->prompt_tokens, id + 1);
      EXPECT_EQ(outcome.lost_to, "");
    }
  }

  WorkerOptions options_;
  std::vector<std::string> events_;
  std::map<std::int64_t, captions::CaptionOutcome> outcomes_;
  std::function<void()> on_outcome_;
};

TEST_F(WorkerCaptionerTest, ScenesAreDescribedAcrossTheWire) {
  auto captioner = start("fine");
  ASSERT_TRUE(captioner.ok()) << captioner.error().message;
  EXPECT_EQ((*captioner)->facts().name, "odd");
  ASSERT_TRUE(run(**captioner).ok());
  expect_all();
  outcomes_.clear();
  ASSERT_TRUE(run(**captioner).ok()) << "again, in the same process";
  expect_all();
  EXPECT_TRUE(events_.empty());
  captions::CaptionRequest typical;
  typical.frames = {Image(8, 8, 3), Image(8, 8, 3)};
  const auto forecast = (*captioner)->forecast(typical, 10, {});
  ASSERT_TRUE(forecast.ok() && forecast->has_value());
  EXPECT_EQ((*forecast)->prompt_tokens, 2);
}

TEST_F(WorkerCaptionerTest, ASceneThatBringsTheProcessDownCostsItselfAlone) {
  const std::vector<std::pair<std::string, std::string>> ways = {
      {"killed", "killed"}, {"crashes", "crashed"}, {"torn", "exited"},    {"garbage", "broken"},
      {"boasts", "broken"}, {"no-json", "broken"},  {"stranger", "broken"}};
  for (const auto& [how, became] : ways) {
    outcomes_.clear();
    events_.clear();
    auto captioner = start(how + ":3");
    ASSERT_TRUE(captioner.ok()) << captioner.error().message;
    ASSERT_TRUE(run(**captioner).ok()) << how;
    expect_all(3);
    const captions::CaptionOutcome& lost = outcomes_.at(3);
    ASSERT_FALSE(lost.caption.ok()) << how;
    EXPECT_EQ(lost.attempts, 2);
    EXPECT_EQ(lost.lost_to, became) << how;
    EXPECT_NE(lost.caption.error().message.find("twice"), std::string::npos);
    EXPECT_EQ(outcomes_.at(4).attempts, 2) << "was with the process, too";
    EXPECT_EQ(outcomes_.at(0).attempts, 1);
    EXPECT_EQ(outcomes_.at(6).attempts, 1);
    EXPECT_EQ(events_.size(), 2U) << how;
  }
}

TEST_F(WorkerCaptionerTest, TheReasonHoldsWhatTheProcessSaidLast) {
  auto captioner = start("crashes:2");
  ASSERT_TRUE(captioner.ok());
  ASSERT_TRUE(run(**captioner).ok());
  const std::string reason = outcomes_.at(2).caption.error().message;
  EXPECT_NE(reason.find("signal 6"), std::string::npos) << reason;
  EXPECT_NE(reason.find("GGML_ASSERT(rows == 3) failed"), std::string::npos) << reason;
}

TEST_F(WorkerCaptionerTest, AfterOneCrashEverythingIsDescribedAllTheSame) {
  const test::ScratchFolder folder;
  auto captioner = start("once:" + (folder / "mark").string());
  ASSERT_TRUE(captioner.ok());
  ASSERT_TRUE(run(**captioner).ok());
  expect_all();
  EXPECT_EQ(outcomes_.at(0).attempts, 2);
  ASSERT_EQ(events_.size(), 1U);
  EXPECT_NE(events_[0].find("signal 11"), std::string::npos) << events_[0];
}

TEST_F(WorkerCaptionerTest, ADeviceThatIsLostWhileItComputesLeavesTheOtherScenesToOthers) {
  const test::ScratchFolder folder;
  auto captioner = start("loses-device:" + (folder / "mark").string());
  ASSERT_TRUE(captioner.ok());
  const Status status = run(**captioner);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kResource);
  EXPECT_EQ(status.error().message, "there is no device cuda:0");
  ASSERT_EQ(events_.size(), 1U);
  EXPECT_NE(events_[0].find("CUDA error: unspecified launch failure"), std::string::npos) << events_[0];
  ASSERT_EQ(outcomes_.size(), 3U) << "a scene that was with the device has not failed: it was not tried elsewhere";
  for (const auto& [id, outcome] : outcomes_) EXPECT_TRUE(outcome.caption.ok()) << id;
}

TEST_F(WorkerCaptionerTest, AProcessThatHangsIsReplaced) {
  options_.timeout_seconds = 1.0;
  for (const char* how : {"mute:1", "stuck:1"}) {
    outcomes_.clear();
    auto captioner = start(how);
    ASSERT_TRUE(captioner.ok());
    ASSERT_TRUE(run(**captioner).ok());
    expect_all(1);
    EXPECT_EQ(outcomes_.at(1).lost_to, "hung") << how;
  }
}

TEST_F(WorkerCaptionerTest, AProcessThatGetsOnSlowlyIsLeftAlone) {
  options_.timeout_seconds = 1.5;
  auto captioner = start("slow");
  ASSERT_TRUE(captioner.ok());
  int left = 1;  // scene is enough: it takes two seconds
  const Status status = (*captioner)
                            ->run(
                                [&]() -> std::optional<captions::CaptionRequest> {
                                  if (left-- == 0) return std::nullopt;
                                  return captions::CaptionRequest{};
                                },
                                [this](captions::CaptionOutcome outcome) {
                                  EXPECT_TRUE(outcome.caption.ok());
                                  EXPECT_EQ(outcome.attempts, 1);
                                },
                                {});
  EXPECT_TRUE(status.ok());
  EXPECT_TRUE(events_.empty());
}

TEST_F(WorkerCaptionerTest, AProcessThatEndsWhileLoadingIsTriedTwiceAndNamed) {
  for (const char* how : {"exits", "crashes-loading"}) {
    events_.clear();
    const auto captioner = start(how);
    ASSERT_FALSE(captioner.ok());
    EXPECT_EQ(captioner.error().code, ErrorCode::kModel);
    EXPECT_NE(captioner.error().message.find(how), std::string::npos);
    EXPECT_EQ(events_.size(), 1U);
  }
  options_.timeout_seconds = 0.5;
  const auto silent = start("silent");
  ASSERT_FALSE(silent.ok());
  EXPECT_NE(silent.error().message.find("no sign of life"), std::string::npos) << silent.error().message;
  options_.program = "/nowhere/cinescribe";
  const auto nowhere = start("fine");
  ASSERT_FALSE(nowhere.ok());
  EXPECT_EQ(nowhere.error().code, ErrorCode::kResource);
}

TEST_F(WorkerCaptionerTest, WhatTheCaptionerItselfRefusesIsNotTriedAgain) {
  const auto refused = start("refuses");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kModel);
  EXPECT_EQ(refused.error().message, "there is no such model");
  auto declines = start("declines:2");
  ASSERT_TRUE(declines.ok());
  ASSERT_TRUE(run(**declines).ok());
  expect_all(2);
  EXPECT_EQ(outcomes_.at(2).caption.error().message, "cannot be seen");
  EXPECT_EQ(outcomes_.at(2).attempts, 1);
  EXPECT_EQ(outcomes_.at(2).lost_to, "");
  outcomes_.clear();
  auto fails = start("fails-run");
  ASSERT_TRUE(fails.ok());
  const Status status = run(**fails);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kResource);
  EXPECT_TRUE(events_.empty());
}

TEST_F(WorkerCaptionerTest, AModelThatCanDescribeNothingIsGivenUp) {
  auto captioner = start("crashes:all");
  ASSERT_TRUE(captioner.ok());
  const Status status = run(**captioner);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kModel);
  EXPECT_NE(status.error().message.find("without describing a scene"), std::string::npos);
}

TEST_F(WorkerCaptionerTest, AForecastThatCrashesCostsTheForecast) {
  auto captioner = start("forecast-crash");
  ASSERT_TRUE(captioner.ok());
  const auto forecast = (*captioner)->forecast({}, 10, {});
  ASSERT_TRUE(forecast.ok());
  EXPECT_FALSE(forecast->has_value());
  ASSERT_TRUE(run(**captioner).ok());
  expect_all();
}

TEST_F(WorkerCaptionerTest, PrintingLibrariesDisturbNothing) {
  auto captioner = start("noisy");
  ASSERT_TRUE(captioner.ok());
  ASSERT_TRUE(run(**captioner).ok());
  expect_all();
}

TEST_F(WorkerCaptionerTest, AStopEndsTheRunAndTheProcess) {
  std::stop_source stop;
  auto captioner = start("mute:2");
  ASSERT_TRUE(captioner.ok());
  on_outcome_ = [&stop] { stop.request_stop(); };
  const Status status = run(**captioner, stop.get_token());
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInterrupted);
  EXPECT_TRUE(events_.empty());
  EXPECT_FALSE(start("fine", stop.get_token()).ok());
}

std::size_t open_files() {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()));
}

/// Children of this process, ended or not.
int children() {
  int count = 0;
  for (const auto& entry : fs::directory_iterator("/proc/self/task")) {
    std::ifstream stream(entry.path() / "children");
    for (std::string pid; stream >> pid;) ++count;
  }
  return count;
}

TEST_F(WorkerCaptionerTest, NothingIsLeftBehind) {
  const std::size_t files = open_files();
  for (const char* how : {"killed:3", "garbage:1", "exits", "refuses", "fine", "crashes:all"}) {
    outcomes_.clear();
    const auto captioner = start(how);
    if (captioner.ok()) (void)run(**captioner);
  }
  EXPECT_EQ(open_files(), files);
  EXPECT_EQ(children(), 0) << "nobody waits to be buried";
}

}  // namespace
}  // namespace cinescribe::pipeline
