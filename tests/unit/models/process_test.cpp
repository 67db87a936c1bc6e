#include "cinescribe/models/process.h"

#include <chrono>
#include <thread>

#include "support/scratch_folder.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

namespace cinescribe::models {
namespace {

using ::testing::HasSubstr;

ProcessRequest shell(const std::string& script) {
  ProcessRequest request;
  request.arguments = {"sh", "-c", script};
  return request;
}

TEST(Process, OutputErrorsAndExitCodeComeBack) {
  const auto result = run_process(shell("echo out; echo err >&2; exit 3"), {});
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_EQ(result->output, "out\n");
  EXPECT_EQ(result->error_output, "err\n");
}

TEST(Process, ArgumentsReachTheProgramAsTheyAre) {
  ProcessRequest request;
  request.arguments = {"printf", "%s|", "a b", "$HOME", "`x`;*"};
  EXPECT_EQ(run_process(request, {})->output, "a b|$HOME|`x`;*|");
}

TEST(Process, TheFolderAndTheEnvironmentAreSet) {
  const test::ScratchFolder folder;
  ProcessRequest request = shell("pwd -P; echo $CINESCRIBE_PROBE");
  request.folder = std::filesystem::canonical(folder.path());
  request.environment = {{"CINESCRIBE_PROBE", "42"}};
  EXPECT_EQ(run_process(request, {})->output, request.folder.string() + "\n42\n");
}

TEST(Process, AProgramThatIsNotThereIsNamed) {
  ProcessRequest request;
  request.arguments = {"cinescribe-no-such-program"};
  const auto result = run_process(request, {});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kResource);
  EXPECT_THAT(result.error().message, HasSubstr("cinescribe-no-such-program"));
  EXPECT_EQ(find_program("cinescribe-no-such-program"), "");
  EXPECT_NE(find_program("sh"), "");
}

TEST(Process, MuchOutputIsKeptInPartAndDoesNotBlock) {
  const auto result = run_process(shell("i=0; while [ $i -lt 20000 ]; do echo 0123456789; echo 9876543210 >&2; "
                                        "i=$((i+1)); done; echo last >&2"),
                                  {});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->output.size(), 64U << 10U);
  EXPECT_LE(result->error_output.size(), 64U << 10U);
  EXPECT_THAT(result->error_output, HasSubstr("last"));
}

TEST(Process, AStopRequestEndsItWithItsChildren) {
  const test::ScratchFolder folder;
  std::stop_source source;
  ProcessRequest request = shell("sleep 600 & echo $! > child; sleep 600");
  request.folder = folder.path();
  request.on_tick = [&source, &folder] {
    if (!test::read_bytes(folder / "child").empty()) source.request_stop();
  };
  const auto result = run_process(request, source.get_token());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kInterrupted);
  const pid_t child = std::stoi(test::read_bytes(folder / "child"));
  // It is gone, or a zombie of whoever adopts orphans here.
  for (int i = 0; i < 500; ++i) {
    const std::string state = test::read_bytes("/proc/" + std::to_string(child) + "/stat");
    if (state.empty() || state.find(") Z") != std::string::npos) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  FAIL() << "the child is still there";
}

TEST(Process, OurBlockedSignalsAreNotBlockedInIt) {
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigset_t before;
  ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &blocked, &before), 0);
  const auto result = run_process(shell("kill -TERM $$; echo survived"), {});
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->exit_code, 128 + SIGTERM);
  EXPECT_EQ(result->output, "");
}

}  // namespace
}  // namespace cinescribe::models
