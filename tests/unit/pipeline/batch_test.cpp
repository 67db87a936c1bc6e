#include "cinescribe/pipeline/batch.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace cinescribe::pipeline {
namespace {

TEST(Batch, EachIsDoneOnceAndTakenInOrder) {
  for (const int jobs : {1, 3, 100}) {
    std::vector<std::size_t> taken;
    std::vector<std::atomic<int>> done(20);
    const Status status = run_batch(
        done.size(), jobs, [&](std::size_t i) { taken.push_back(i); },
        [&](std::size_t i) -> Status {
          ++done[i];
          return {};
        });
    EXPECT_TRUE(status.ok());
    ASSERT_EQ(taken.size(), done.size());
    for (std::size_t i = 0; i < done.size(); ++i) {
      EXPECT_EQ(taken[i], i);
      EXPECT_EQ(done[i], 1);
    }
  }
}

TEST(Batch, AsManyRunAtTheSameTimeAsThereAreJobs) {
  std::mutex mutex;
  std::condition_variable changed;
  int inside = 0;
  const Status status = run_batch(
      3, 3, [](std::size_t) {},
      [&](std::size_t) -> Status {
        std::unique_lock lock(mutex);
        ++inside;
        changed.notify_all();
        changed.wait(lock, [&] { return inside == 3; });  // hangs if one waits for another
        return {};
      });
  EXPECT_TRUE(status.ok());
}

TEST(Batch, AfterAnErrorNothingNewIsBegun) {
  int done = 0;
  const Status status = run_batch(
      10, 1, [](std::size_t) {},
      [&](std::size_t i) -> Status {
        ++done;
        if (i == 3) return Error{ErrorCode::kResource, "full"};
        return {};
      });
  EXPECT_EQ(done, 4);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "full");
}

TEST(Batch, AnExceptionIsAnError) {
  const Status status = run_batch(
      1, 1, [](std::size_t) {}, [](std::size_t) -> Status { throw std::runtime_error("surprise"); });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInternal);
  EXPECT_NE(status.error().message.find("surprise"), std::string::npos);
}

TEST(Batch, NothingToDoIsFine) {
  EXPECT_TRUE(run_batch(
                  0, 4, [](std::size_t) {}, [](std::size_t) -> Status { return {}; })
                  .ok());
}

}  // namespace
}  // namespace cinescribe::pipeline
