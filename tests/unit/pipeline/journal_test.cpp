#include "cinescribe/pipeline/journal.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "cinescribe/pipeline/journal_state.h"

namespace cinescribe::pipeline {
namespace {

namespace fs = std::filesystem;

class JournalTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              ("journal_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    path_ = folder_ / "journal.jsonl";
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string content() {
    std::ifstream stream(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  void put(const std::string& text) { std::ofstream(path_, std::ios::binary) << text; }
  std::vector<std::string> units(const std::string& stage) {
    std::vector<std::string> all;
    const auto state = read_journal(path_);
    EXPECT_TRUE(state.ok());
    UnitCursor cursor(path_, stage, state->finished(stage));
    for (;;) {
      const auto unit = cursor.next();
      EXPECT_TRUE(unit.ok());
      if (!unit.ok() || !*unit) return all;
      all.push_back(**unit);
    }
  }
  fs::path folder_;
  fs::path path_;
};

TEST(JournalLine, ComesBackAsItWas) {
  const JournalRecord record{"unit", "speech", "{\"text\":\"a } \\\" b\"}"};
  std::string line = journal_line(record);
  ASSERT_EQ(line.back(), '\n');
  line.pop_back();
  const auto back = parse_journal_line(line);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->type, record.type);
  EXPECT_EQ(back->stage, record.stage);
  EXPECT_EQ(back->data, record.data);
}

TEST(JournalLine, EveryChangedByteAndEveryTruncationIsNoticed) {
  std::string line = journal_line({"unit", "speech", "{\"n\":12}"});
  line.pop_back();
  for (std::size_t i = 0; i < line.size(); ++i) {
    EXPECT_FALSE(parse_journal_line(line.substr(0, i))) << i;
    std::string changed = line;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(parse_journal_line(changed)) << i;
  }
}

TEST_F(JournalTest, ATornTailIsCutOffAndWritingGoesOn) {
  const std::string first = journal_line({"begin", "scenes", "{}"});
  const std::string second = journal_line({"unit", "scenes", "{\"n\":1}"});
  for (std::size_t kept = 0; kept < second.size(); ++kept) {
    put(first + second.substr(0, kept));
    auto journal = Journal::open(path_);
    ASSERT_TRUE(journal.ok());
    EXPECT_EQ(journal->torn_bytes(), kept);
    ASSERT_TRUE(journal->append({"end", "scenes", "{}"}).ok());
    EXPECT_EQ(content(), first + journal_line({"end", "scenes", "{}"}));
  }
}

TEST_F(JournalTest, EverythingAfterADamagedLineIsCutOff) {
  std::string damaged = journal_line({"unit", "scenes", "{\"n\":1}"});
  damaged[30] = '#';
  const std::string good = journal_line({"begin", "scenes", "{}"});
  put(good + damaged + good);
  ASSERT_TRUE(Journal::open(path_).ok());
  EXPECT_EQ(content(), good);
}

TEST_F(JournalTest, RecordsOfManyThreadsStayWhole) {
  auto journal = Journal::open(path_);
  ASSERT_TRUE(journal.ok());
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&journal, t] {
        for (int i = 0; i < 25; ++i) {
          EXPECT_TRUE(journal->append({"unit", "stage", "{\"t\":" + std::to_string(t) + "}"}).ok());
        }
      });
    }
  }
  std::ifstream stream(path_);
  int lines = 0;
  for (std::string line; std::getline(stream, line); ++lines) EXPECT_TRUE(parse_journal_line(line)) << line;
  EXPECT_EQ(lines, 100);
}

TEST_F(JournalTest, AFullDiskLeavesTheJournalAsItWas) {
  auto journal = Journal::open(path_);
  ASSERT_TRUE(journal.ok());
  ASSERT_TRUE(journal->append({"begin", "scenes", "{}"}).ok());
  const std::string before = content();
  rlimit old{};
  getrlimit(RLIMIT_FSIZE, &old);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit tight{before.size() + 10, old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &tight);
  const Status status = journal->append({"unit", "scenes", "{\"n\":1}"});
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, old_handler);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kResource);
  EXPECT_NE(status.error().message.find("journal.jsonl"), std::string::npos);
  EXPECT_EQ(content(), before);
}

TEST_F(JournalTest, ALaterBeginningSupersedesWhatTheStageWroteBefore) {
  put(journal_line({"begin", "scenes", "{\"key\":\"a\"}"}) + journal_line({"unit", "scenes", "{\"n\":1}"}) +
      journal_line({"begin", "speech", "{\"key\":\"s\"}"}) + journal_line({"begin", "scenes", "{\"key\":\"b\"}"}) +
      journal_line({"unit", "scenes", "{\"n\":2}"}) + journal_line({"unit", "speech", "{\"n\":9}"}) +
      journal_line({"unit", "scenes", "{\"n\":3}"}) + journal_line({"end", "scenes", "{\"wall_seconds\":1.5}"}));
  const auto state = read_journal(path_);
  ASSERT_TRUE(state.ok());
  EXPECT_TRUE(state->is_done("scenes", "b"));
  EXPECT_FALSE(state->is_done("scenes", "a"));
  EXPECT_FALSE(state->is_done("speech", "s"));
  EXPECT_EQ(state->finished("scenes")->timing.wall_seconds, 1.5);
  EXPECT_EQ(units("scenes"), (std::vector<std::string>{"{\"n\":2}", "{\"n\":3}"}));
  EXPECT_TRUE(units("speech").empty());
}

TEST_F(JournalTest, AStageWhoseBasisWasDoneAnewIsNotFinished) {
  const std::string frames =
      journal_line({"begin", "frames", "{\"key\":\"f\",\"after\":\"a\"}"}) + journal_line({"end", "frames", "{}"});
  const std::string scenes_a =
      journal_line({"begin", "scenes", "{\"key\":\"a\"}"}) + journal_line({"end", "scenes", "{}"});
  const std::string scenes_b =
      journal_line({"begin", "scenes", "{\"key\":\"b\"}"}) + journal_line({"end", "scenes", "{}"});
  put(scenes_a + frames);
  EXPECT_NE(read_journal(path_)->finished("frames"), nullptr);
  put(scenes_a + frames + scenes_b);
  EXPECT_EQ(read_journal(path_)->finished("frames"), nullptr);
}

TEST_F(JournalTest, AFileOfAnotherKindIsEmptiedOnlyFromItsFirstBadLine) {
  put("this is no journal\n");
  const auto state = read_journal(path_);
  ASSERT_TRUE(state.ok());
  EXPECT_FALSE(state->media.has_value());
  EXPECT_TRUE(state->stages.empty());
}

}  // namespace
}  // namespace cinescribe::pipeline
