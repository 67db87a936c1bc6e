#include "cinescribe/pipeline/output_folder.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "cinescribe/pipeline/journal.h"

namespace cinescribe::pipeline {
namespace {

namespace fs = std::filesystem;

class OutputFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              ("output_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "one");
    fs::create_directories(folder_ / "two");
    std::ofstream(folder_ / "one" / "talk.mp4") << "first";
    std::ofstream(folder_ / "two" / "talk.mkv") << "second";
  }
  void TearDown() override { fs::remove_all(folder_); }
  /// Makes the folder of a video belong to it, as a run does.
  void claim(const fs::path& folder, const MediaIdentity& media) {
    auto journal = Journal::open(folder / "journal.jsonl");
    ASSERT_TRUE(journal.ok());
    ASSERT_TRUE(journal
                    ->append({"media", "",
                              "{\"source\":\"" + media.source.string() + "\",\"size_bytes\":" +
                                  std::to_string(media.size_bytes) + ",\"fingerprint\":\"" + media.fingerprint + "\"}"})
                    .ok());
  }
  fs::path folder_;
};

TEST_F(OutputFolderTest, ASecondProcessIsRefusedWithTheNumberOfTheFirst) {
  const auto first = OutputFolder::open(folder_ / "out");
  ASSERT_TRUE(first.ok());
  const auto second = OutputFolder::open(folder_ / "out");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kResource);
  EXPECT_NE(second.error().message.find("process " + std::to_string(::getpid()) + ")"), std::string::npos)
      << second.error().message;
}

TEST_F(OutputFolderTest, TheLockGoesWithItsHolder) {
  { ASSERT_TRUE(OutputFolder::open(folder_ / "out").ok()); }
  EXPECT_TRUE(OutputFolder::open(folder_ / "out").ok());
}

TEST_F(OutputFolderTest, APlaceThatCannotBeAFolderIsNamed) {
  const auto output = OutputFolder::open(folder_ / "one" / "talk.mp4" / "out");
  ASSERT_FALSE(output.ok());
  EXPECT_EQ(output.error().code, ErrorCode::kResource);
  EXPECT_NE(output.error().message.find("talk.mp4"), std::string::npos);
}

TEST_F(OutputFolderTest, TwoVideosWithTheSameStemGetTwoFolders) {
  const auto output = OutputFolder::open(folder_ / "out");
  const auto one = identify(folder_ / "one" / "talk.mp4");
  const auto two = identify(folder_ / "two" / "talk.mkv");
  const auto first = output->video_folder(*one);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(*first, folder_ / "out" / "base" / "talk");
  claim(*first, *one);
  const auto second = output->video_folder(*two);
  ASSERT_TRUE(second.ok());
  EXPECT_NE(*second, *first);
  EXPECT_EQ(second->filename().string().substr(0, 5), "talk-");
  EXPECT_EQ(*output->video_folder(*one), *first);
  EXPECT_EQ(*output->video_folder(*two), *second);
}

TEST_F(OutputFolderTest, AMovedVideoFindsItsResultsAgain) {
  const auto output = OutputFolder::open(folder_ / "out");
  const auto before = identify(folder_ / "one" / "talk.mp4");
  claim(*output->video_folder(*before), *before);
  fs::rename(folder_ / "one" / "talk.mp4", folder_ / "two" / "talk.mp4");
  const auto after = identify(folder_ / "two" / "talk.mp4");
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(*output->video_folder(*after), folder_ / "out" / "base" / "talk");
}

TEST_F(OutputFolderTest, FolderNamesAreAlwaysUsable) {
  EXPECT_EQ(folder_name("/a/talk.mp4"), "talk");
  EXPECT_EQ(folder_name("/a/...mp4"), "video");
  EXPECT_EQ(folder_name("/a/.mp4"), ".mp4");
  const std::string longest = folder_name("/a/x" + std::string(300, 'y') + ".mp4");
  EXPECT_EQ(longest.size(), 200U);
  std::string umlauts;
  for (int i = 0; i < 120; ++i) umlauts += "ä";
  EXPECT_EQ(folder_name("/a/x" + umlauts + ".mp4").size(), 199U);
}

TEST_F(OutputFolderTest, AnIdentityTellsContentsApart) {
  const auto one = identify(folder_ / "one" / "talk.mp4");
  const auto two = identify(folder_ / "two" / "talk.mkv");
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_FALSE(one->is_same_content(*two));
  EXPECT_FALSE(identify(folder_ / "missing.mp4").ok());
  EXPECT_FALSE(identify(folder_).ok());
  std::ofstream(folder_ / "long") << std::string(10'000'000, 'a');
  const auto before = identify(folder_ / "long");
  { std::fstream(folder_ / "long", std::ios::in | std::ios::out).seekp(9'999'999) << 'b'; }
  EXPECT_FALSE(before->is_same_content(*identify(folder_ / "long")));
}

}  // namespace
}  // namespace cinescribe::pipeline
