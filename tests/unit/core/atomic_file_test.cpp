#include "cinescribe/core/atomic_file.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cinescribe {
namespace {

namespace fs = std::filesystem;

class AtomicFileTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string content(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  std::ptrdiff_t files() { return std::distance(fs::directory_iterator(folder_), fs::directory_iterator()); }
  fs::path folder_;
};

TEST_F(AtomicFileTest, WhatAKilledProcessLeftIsRemovedAndWhatALivingOneWritesIsNot) {
  const fs::path path = folder_ / "a.json";
  auto mine = AtomicFile::create(path);
  ASSERT_TRUE(mine.ok());
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto abandoned = AtomicFile::create(path);
    ::_exit(abandoned.ok() ? 0 : 1);  // as if killed: nothing is cleaned up
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  std::ofstream(folder_ / ".b.json.999999999.0.part") << "another file's";
  ASSERT_EQ(files(), 3);
  remove_abandoned_parts(path);
  EXPECT_EQ(files(), 2);
  ASSERT_TRUE(mine->commit().ok());
  EXPECT_TRUE(fs::exists(path));
}

TEST_F(AtomicFileTest, AppearsOnlyWithTheCommit) {
  const fs::path path = folder_ / "deep" / "a.json";
  auto file = AtomicFile::create(path);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE(file->write("one ").ok());
  ASSERT_TRUE(file->write("two").ok());
  EXPECT_FALSE(fs::exists(path));
  ASSERT_TRUE(file->commit().ok());
  EXPECT_EQ(content(path), "one two");
}

TEST_F(AtomicFileTest, LeavesTheOldFileAndNoRestWithoutACommit) {
  fs::create_directories(folder_);
  const fs::path path = folder_ / "a.json";
  std::ofstream(path) << "old";
  {
    auto file = AtomicFile::create(path);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE(file->write(std::string(200'000, 'x')).ok());
  }
  EXPECT_EQ(content(path), "old");
  EXPECT_EQ(files(), 1);
}

TEST_F(AtomicFileTest, ReportsAFullDiskAndLeavesNothing) {
  const fs::path path = folder_ / "a.json";
  // A limit on file size stands for a full disk: writes beyond it fail the same way.
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit tight{4096, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &tight);
  Status status;
  {
    auto file = AtomicFile::create(path);
    ASSERT_TRUE(file.ok());
    status = file->write(std::string(200'000, 'x'));
    if (status.ok()) status = file->commit();
  }
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kResource);
  EXPECT_NE(status.error().message.find("a.json"), std::string::npos);
  EXPECT_NE(status.error().message.find("free some space"), std::string::npos);
  EXPECT_EQ(files(), 0);
}

TEST_F(AtomicFileTest, NamesAFolderThatCannotBe) {
  fs::create_directories(folder_);
  std::ofstream(folder_ / "file") << "in the way";
  const auto file = AtomicFile::create(folder_ / "file" / "a.json");
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().code, ErrorCode::kResource);
  EXPECT_NE(file.error().message.find("choose another folder"), std::string::npos);
}

}  // namespace
}  // namespace cinescribe
