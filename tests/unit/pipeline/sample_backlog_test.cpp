#include "cinescribe/pipeline/sample_backlog.h"

#include <filesystem>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace cinescribe::pipeline {
namespace {

namespace fs = std::filesystem;

std::vector<float> numbers(int from, int count) {
  std::vector<float> samples(static_cast<std::size_t>(count));
  std::iota(samples.begin(), samples.end(), static_cast<float>(from));
  return samples;
}

class SampleBacklogTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::vector<float> take(SampleBacklog& backlog, std::size_t count) {
    std::vector<float> out;
    EXPECT_TRUE(backlog.take(count, out).ok());
    return out;
  }
  const fs::path folder_ = fs::path(testing::TempDir()) / "sample_backlog";
};

TEST_F(SampleBacklogTest, SamplesComeOutInTheOrderInWhichTheyWentInWhetherInMemoryOrNot) {
  SampleBacklog backlog(folder_, 100);
  int in = 0;
  int out = 0;
  for (const auto& [push, pull] : std::vector<std::pair<int, int>>{
           {70, 20}, {90, 0}, {300, 250}, {10, 30}, {500, 640}, {60, 60}, {250, 100}, {0, 500}}) {
    ASSERT_TRUE(backlog.push(numbers(in, push)).ok());
    in += push;
    const auto taken = take(backlog, static_cast<std::size_t>(pull));
    EXPECT_EQ(taken, numbers(out, std::min(pull, in - out)));
    out += static_cast<int>(taken.size());
    EXPECT_EQ(backlog.size(), static_cast<std::size_t>(in - out));
  }
  EXPECT_EQ(in, out);
}

TEST_F(SampleBacklogTest, ItsFileHasNoNameThatCouldStayBehind) {
  SampleBacklog backlog(folder_, 10);
  ASSERT_TRUE(backlog.push(numbers(0, 1000)).ok());
  EXPECT_EQ(backlog.size(), 1000U);
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(SampleBacklogTest, AFolderThatIsNotThereIsNamed) {
  SampleBacklog backlog(folder_ / "nowhere", 10);
  const Status status = backlog.push(numbers(0, 1000));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kResource);
  EXPECT_NE(status.error().message.find("nowhere"), std::string::npos) << status.error().message;
}

}  // namespace
}  // namespace cinescribe::pipeline
