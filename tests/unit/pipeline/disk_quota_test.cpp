#include "cinescribe/pipeline/disk_quota.h"

#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cinescribe/pipeline/journal.h"
#include "cinescribe/pipeline/sample_backlog.h"

namespace cinescribe::pipeline {
namespace {

namespace fs = std::filesystem;

class DiskQuotaTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              ("quota_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "deep");
    std::ofstream(folder_ / "deep" / "old") << std::string(600, 'x');
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path folder_;
};

TEST_F(DiskQuotaTest, WhatIsThereAlreadyCounts) {
  auto quota = DiskQuota::open(folder_, {1000, 0, 0});
  ASSERT_TRUE(quota.ok());
  EXPECT_TRUE((*quota)->take(400).ok());
  const Status status = (*quota)->take(1);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kResource);
  EXPECT_NE(status.error().message.find("--max-disk"), std::string::npos);
  (*quota)->give_back(100);
  EXPECT_TRUE((*quota)->take(100).ok());
  EXPECT_FALSE(DiskQuota::open(folder_, {599, 0, 0}).ok());
}

TEST_F(DiskQuotaTest, WithoutLimitsEverythingGoes) {
  auto quota = DiskQuota::open(folder_, {});
  ASSERT_TRUE(quota.ok());
  EXPECT_TRUE((*quota)->take(std::uint64_t{1} << 50U).ok());
  EXPECT_TRUE((*quota)->take_temp(std::uint64_t{1} << 50U).ok());
}

TEST_F(DiskQuotaTest, TheDiskKeepsWhatMustStayFree) {
  const auto quota = DiskQuota::open(folder_, {0, std::numeric_limits<std::uint64_t>::max() / 4, 0});
  ASSERT_FALSE(quota.ok());
  EXPECT_EQ(quota.error().code, ErrorCode::kResource);
  EXPECT_NE(quota.error().message.find("--min-free"), std::string::npos);
}

TEST_F(DiskQuotaTest, AJournalStopsBeforeTheLimitAndStaysWhole) {
  auto quota = DiskQuota::open(folder_, {2000, 0, 0});
  ASSERT_TRUE(quota.ok());
  auto journal = Journal::open(folder_ / "journal.jsonl");
  ASSERT_TRUE(journal.ok());
  journal->set_quota(quota->get());
  Status status;
  int written = 0;
  while ((status = journal->append({"unit", "scenes", "{\"scene_index\":1}"})).ok()) ++written;
  EXPECT_EQ(status.error().code, ErrorCode::kResource);
  EXPECT_GT(written, 5);
  EXPECT_LE(bytes_below(folder_), 2000U);
  auto again = Journal::open(folder_ / "journal.jsonl");
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->torn_bytes(), 0U);
}

TEST_F(DiskQuotaTest, WaitingSoundHasALimitOfItsOwnAndGivesItBack) {
  auto quota = DiskQuota::open(folder_, {0, 0, 4000});
  ASSERT_TRUE(quota.ok());
  SampleBacklog backlog(folder_, 10, quota->get());
  const std::vector<float> block(500);
  EXPECT_TRUE(backlog.push(block).ok());
  EXPECT_TRUE(backlog.push(block).ok());
  const Status status = backlog.push(block);
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message.find("--max-temp"), std::string::npos);
  std::vector<float> out;
  ASSERT_TRUE(backlog.take(1000, out).ok());
  EXPECT_EQ(out.size(), 1000U);
  EXPECT_TRUE(backlog.push(block).ok());
}

}  // namespace
}  // namespace cinescribe::pipeline
