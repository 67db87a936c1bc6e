#include "cinescribe/core/file.h"

#include <filesystem>

#include <gtest/gtest.h>

namespace cinescribe {
namespace {

namespace fs = std::filesystem;

class FileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() /
              (std::string("cinescribe_file_") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path folder_;
};

TEST_F(FileTest, WritesWholeFilesAndLeavesNoTemporaryBehind) {
  ASSERT_TRUE(write_file_atomically(folder_ / "a" / "b.txt", "hello").ok());
  ASSERT_TRUE(write_file_atomically(folder_ / "a" / "b.txt", "world").ok());
  EXPECT_EQ(*read_file(folder_ / "a" / "b.txt", 100), "world");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "a"), fs::directory_iterator()), 1);
}

TEST_F(FileTest, NamesThePathWhenAFolderCannotBeCreated) {
  ASSERT_TRUE(write_file_atomically(folder_ / "file", "x").ok());
  const auto status = write_file_atomically(folder_ / "file" / "below", "y");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kResource);
  EXPECT_NE(status.error().message.find((folder_ / "file").string()), std::string::npos);
}

TEST_F(FileTest, RefusesFilesAboveTheLimitAndMissingOnes) {
  ASSERT_TRUE(write_file_atomically(folder_ / "big", "12345").ok());
  EXPECT_EQ(read_file(folder_ / "big", 4).error().code, ErrorCode::kInput);
  EXPECT_EQ(read_file(folder_ / "none", 4).error().code, ErrorCode::kInput);
}

}  // namespace
}  // namespace cinescribe
