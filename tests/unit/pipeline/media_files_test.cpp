#include "cinescribe/pipeline/media_files.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace cinescribe::pipeline {
namespace {

namespace fs = std::filesystem;

class MediaFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              ("media_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "b" / "deep");
    fs::create_directories(folder_ / ".hidden");
    fs::create_directories(folder_ / "empty");
    for (const char* name : {"z.mp4", "a.MKV", "notes.txt", "b/deep/c.wav", ".hidden/d.mp4", ".e.mp4", "odd"}) {
      std::ofstream(folder_ / name) << "x";
    }
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path folder_;
};

TEST_F(MediaFilesTest, AFolderGivesItsMediaFilesSorted) {
  const MediaFiles found = find_media_files({folder_});
  EXPECT_EQ(found.files, (std::vector<fs::path>{folder_ / "a.MKV", folder_ / "b/deep/c.wav", folder_ / "z.mp4"}));
  EXPECT_TRUE(found.problems.empty());
}

TEST_F(MediaFilesTest, ANamedFileIsTakenWhateverItsNameAndOnlyOnce) {
  const MediaFiles found = find_media_files({folder_ / "odd", folder_ / "z.mp4", folder_ / "b" / ".." / "z.mp4"});
  EXPECT_EQ(found.files, (std::vector<fs::path>{folder_ / "odd", folder_ / "z.mp4"}));
}

TEST_F(MediaFilesTest, WhatIsMissingOrEmptyIsNamed) {
  const MediaFiles found = find_media_files({folder_ / "no.mp4", folder_ / "empty", folder_ / "z.mp4"});
  EXPECT_EQ(found.files.size(), 1U);
  ASSERT_EQ(found.problems.size(), 2U);
  EXPECT_EQ(found.problems[0].code, ErrorCode::kInput);
  EXPECT_NE(found.problems[0].message.find("no.mp4"), std::string::npos);
  EXPECT_NE(found.problems[1].message.find("holds no video or sound"), std::string::npos);
}

}  // namespace
}  // namespace cinescribe::pipeline
