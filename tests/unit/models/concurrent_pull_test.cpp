#include <atomic>
#include <thread>
#include <vector>

#include "models_test_fixture.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cinescribe/models/cache.h"
#include "cinescribe/models/file_lock.h"
#include "cinescribe/models/installed_model.h"
#include "cinescribe/models/installer.h"

namespace cinescribe::models {
namespace {

using test::read_bytes;
using test::write_bytes;

class ConcurrentPullTest : public ModelTest {
 protected:
  const std::string content_ = std::string(3'000'000, 'c');
};

TEST_F(ConcurrentPullTest, OfManyProcessesOneInstallsAndTheOthersFindIt) {
  write_bytes(folder_ / "m", content_);
  const Catalogue from =
      catalogue(file_json("a", content_, R"(["file:m"])") + "," + file_json("b", content_, R"(["file:m"])"));
  constexpr int kFetched = 10;
  constexpr int kFound = 11;
  std::vector<pid_t> children;
  for (int i = 0; i < 6; ++i) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto done = Installer(from, {}).pull("toy");
      const bool is_whole = read_bytes(installed_folder("toy") / "b") == content_;
      ::_exit(!done.ok() || !is_whole ? 1 : (done->was_installed ? kFound : kFetched));
    }
    children.push_back(child);
  }
  int fetched = 0;
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    ASSERT_THAT(WEXITSTATUS(status), ::testing::AnyOf(kFetched, kFound));
    fetched += WEXITSTATUS(status) == kFetched ? 1 : 0;
  }
  EXPECT_EQ(fetched, 1);
  EXPECT_TRUE(verify_installed("toy", {})->empty());
}

TEST_F(ConcurrentPullTest, ThreadsDoNotCollideEither) {
  write_bytes(folder_ / "m", content_);
  const Catalogue from = catalogue(file_json("m", content_, R"(["file:m"])"));
  std::atomic<int> fetched{0};
  std::atomic<int> failed{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        const auto done = Installer(from, {}).pull("toy");
        if (!done.ok()) ++failed;
        if (done.ok() && !done->was_installed) ++fetched;
      });
    }
  }
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(fetched, 1);
  EXPECT_EQ(read_bytes(installed_folder("toy") / "m"), content_);
}

TEST_F(ConcurrentPullTest, AWaitForAnotherProcessIsToldAndCanBeStopped) {
  write_bytes(folder_ / "m", content_);
  const Catalogue from = catalogue(file_json("m", content_, R"(["file:m"])"));
  const auto lock = FileLock::acquire(lock_path("toy"), {});
  ASSERT_TRUE(lock.ok());
  std::stop_source source;
  bool is_told = false;
  PullOptions options;
  options.stop = source.get_token();
  options.on_progress = [&](const PullProgress& progress) {
    is_told = progress.step == PullStep::kWaiting;
    source.request_stop();
  };
  const auto done = Installer(from, options).pull("toy");
  EXPECT_TRUE(is_told);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, ErrorCode::kInterrupted);
}

TEST_F(ConcurrentPullTest, ALockEndsWithItsProcessHoweverThatEnds) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto lock = FileLock::acquire(lock_path("toy"), {});
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(FileLock::acquire(lock_path("toy"), {}).ok());
}

}  // namespace
}  // namespace cinescribe::models
