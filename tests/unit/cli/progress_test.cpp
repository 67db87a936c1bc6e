#include "cinescribe/cli/progress.h"

#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace cinescribe::cli {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// A display that writes into a temporary file.
class ProgressTest : public testing::Test {
 protected:
  std::string shown() {
    std::fflush(file_.get());
    std::rewind(file_.get());
    std::string text;
    for (int c = 0; (c = std::fgetc(file_.get())) != EOF;) text += static_cast<char>(c);
    return text;
  }
  std::unique_ptr<std::FILE, CloseFile> file_{std::tmpfile()};
};

TEST_F(ProgressTest, PlainLinesHaveNoControlCharacters) {
  Progress progress(ProgressStyle::kPlain, file_.get());
  progress.start("scenes", "talk.mp4", ProgressUnit::kMediaSeconds, 3700.0);
  progress.update("scenes", 10.0);
  progress.message("a word");
  progress.finish("scenes");
  const std::string text = shown();
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\r'), std::string::npos);
  EXPECT_NE(text.find("a word\n"), std::string::npos);
  EXPECT_NE(text.find("talk.mp4: scenes done, 1:01:40 in"), std::string::npos) << text;
}

TEST_F(ProgressTest, JsonEventsAreOneObjectPerLine) {
  Progress progress(ProgressStyle::kJson, file_.get());
  progress.start("fetch", "model.bin", ProgressUnit::kBytes, 100.0);
  progress.message("odd byte \xff");
  progress.finish("fetch", "failed");
  std::vector<nlohmann::json> events;
  const std::string text = shown();
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = text.find('\n', from);
    ASSERT_NE(end, std::string::npos);
    events.push_back(nlohmann::json::parse(text.substr(from, end - from)));
    from = end + 1;
  }
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0]["event"], "start");
  EXPECT_EQ(events[0]["unit"], "bytes");
  EXPECT_EQ(events[1]["event"], "message");
  EXPECT_EQ(events[2]["outcome"], "failed");
  EXPECT_EQ(events[2]["done"], 0.0);
}

TEST_F(ProgressTest, BarsAreErasedBeforeWordsAndAtTheEnd) {
  {
    Progress progress(ProgressStyle::kBars, file_.get());
    progress.start("scenes", "talk.mp4", ProgressUnit::kMediaSeconds, 10.0);
    progress.start("speech", "talk.mp4", ProgressUnit::kMediaSeconds, 10.0);
    progress.message("a word");
  }
  const std::string text = shown();
  EXPECT_NE(text.find("\x1b[2A\x1b[J"
                      "a word\n"),
            std::string::npos);
  EXPECT_TRUE(text.ends_with("\x1b[2A\x1b[J"));
}

TEST_F(ProgressTest, NoneShowsErrorsAlone) {
  Progress progress(ProgressStyle::kNone, file_.get());
  progress.start("scenes", "talk.mp4", ProgressUnit::kMediaSeconds, 10.0);
  progress.message("words");
  progress.finish("scenes");
  progress.message("error: broken", true);
  EXPECT_EQ(shown(), "error: broken\n");
}

TEST_F(ProgressTest, ManyThreadsMayReport) {
  Progress progress(ProgressStyle::kJson, file_.get());
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&progress, t] {
        const std::string name = "task" + std::to_string(t);
        progress.start(name, "x", ProgressUnit::kItems, 100.0);
        for (int i = 0; i < 100; ++i) progress.update(name, i);
        progress.finish(name);
      });
    }
  }
  const std::string text = shown();
  EXPECT_GE(std::count(text.begin(), text.end(), '\n'), 8);
}

TEST(ProgressStyle, QuietAndNoneAndJsonAreObeyed) {
  CommonOptions common;
  common.progress = "json";
  common.quiet = true;
  EXPECT_EQ(progress_style(common), ProgressStyle::kJson);
  common.progress = "auto";
  EXPECT_EQ(progress_style(common), ProgressStyle::kNone);
  common.quiet = false;
  common.progress = "plain";
  EXPECT_EQ(progress_style(common), ProgressStyle::kPlain);
  common.progress = "none";
  EXPECT_EQ(progress_style(common), ProgressStyle::kNone);
}

}  // namespace
}  // namespace cinescribe::cli
