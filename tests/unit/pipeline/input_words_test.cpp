#include "cinescribe/pipeline/input_words.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cinescribe::pipeline {
namespace {

namespace fs = std::filesystem;

class InputWordsTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              ("words_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "talks");
    for (const char* name : {"talks/b.mp4", "talks/a.mp4", "talks/c.wav", "film [1].mp4"}) {
      std::ofstream(folder_ / name) << "x";
    }
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string list(const std::string& text, const std::string& name = "list.txt") {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return "@" + (folder_ / name).string();
  }
  [[nodiscard]] std::string in(const std::string& name) const { return (folder_ / name).string(); }
  fs::path folder_;
};

using Paths = std::vector<fs::path>;

TEST_F(InputWordsTest, APatternGivesItsMatchesSorted) {
  const InputPaths found = expand_inputs({in("talks/*.mp4")});
  EXPECT_EQ(found.paths, (Paths{in("talks/a.mp4"), in("talks/b.mp4")}));
  EXPECT_TRUE(found.problems.empty());
}

TEST_F(InputWordsTest, AnExistingFileIsNoPatternWhateverItsName) {
  EXPECT_EQ(expand_inputs({in("film [1].mp4")}).paths, (Paths{in("film [1].mp4")}));
}

TEST_F(InputWordsTest, APatternWithoutAMatchIsNamed) {
  const InputPaths found = expand_inputs({in("*.avi")});
  EXPECT_TRUE(found.paths.empty());
  ASSERT_EQ(found.problems.size(), 1U);
  EXPECT_NE(found.problems[0].message.find("*.avi"), std::string::npos);
}

TEST_F(InputWordsTest, TheLinesOfAListStartFromItsFolder) {
  const InputPaths found =
      expand_inputs({list("\xEF\xBB\xBF# talks\r\n\r\ntalks/c.wav\r\ntalks/*.mp4\n/abs/olute.mp4")});
  EXPECT_EQ(found.paths, (Paths{in("talks/c.wav"), in("talks/a.mp4"), in("talks/b.mp4"), "/abs/olute.mp4"}));
  EXPECT_TRUE(found.problems.empty());
}

TEST_F(InputWordsTest, PatternsOfAListWorkInAFolderWhoseNameLooksLikeOne) {
  fs::create_directories(folder_ / "odd [x]*");
  std::ofstream(folder_ / "odd [x]*" / "v.mp4") << "x";
  EXPECT_EQ(expand_inputs({list("*.mp4", "odd [x]*/list.txt")}).paths, (Paths{in("odd [x]*/v.mp4")}));
}

TEST_F(InputWordsTest, AMissingListAndAFolderForAListAreNamed) {
  const InputPaths found = expand_inputs({"@" + in("none.txt"), "@" + in("talks")});
  ASSERT_EQ(found.problems.size(), 2U);
  EXPECT_NE(found.problems[0].message.find("none.txt"), std::string::npos);
  EXPECT_NE(found.problems[1].message.find("talks"), std::string::npos);
}

TEST_F(InputWordsTest, AVideoGivenForAListIsRefusedAtItsFirstBadLine) {
  const std::string bytes("ftyp\0\0\0mp42\n\0\n\0\n", 17);
  const InputPaths found = expand_inputs({list(bytes)});
  ASSERT_EQ(found.problems.size(), 1U);
  EXPECT_NE(found.problems[0].message.find("line 1"), std::string::npos);
}

}  // namespace
}  // namespace cinescribe::pipeline
