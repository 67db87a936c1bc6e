#include "cinescribe/bench/report.h"

#include <fstream>
#include <regex>

#include "support/scratch_folder.h"
#include "unit/bench/made_measurements.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cinescribe::bench {
namespace {

namespace fs = std::filesystem;
using cinescribe::test::read_bytes;
using testing::HasSubstr;
using testing::Not;

class ReportTest : public testing::Test {
 protected:
  fs::path write(const std::string& name, const std::vector<RawRecord>& records) {
    fs::create_directories(folder_ / name);
    std::ofstream(folder_ / name / "measurements.jsonl", std::ios::binary) << test::lines_of(records);
    return folder_ / name;
  }
  std::string markdown(const fs::path& folder, const fs::path& compare = {}) {
    const auto document = make_report(folder, compare);
    EXPECT_TRUE(document.ok()) << (document.ok() ? "" : document.error().message);
    return document.ok() ? to_markdown(*document) : "";
  }
  std::string page(const fs::path& folder) {
    const auto document = make_report(folder, {});
    EXPECT_TRUE(document.ok());
    return document.ok() ? to_html(*document) : "";
  }
  cinescribe::test::ScratchFolder folder_;
};

/// The stored report is what a reader sees; `CINESCRIBE_WRITE_GOLDEN=1` writes it anew, to be read before it is kept.
TEST_F(ReportTest, IsTheStoredOneForTheStoredMeasurements) {
  const fs::path stored = CINESCRIBE_TEST_DATA "/bench";
  const std::string text = markdown(stored);
  if (std::getenv("CINESCRIBE_WRITE_GOLDEN") != nullptr) {
    std::ofstream(stored / "measurements.jsonl", std::ios::binary) << test::lines_of(test::a_bench());
    std::ofstream(stored / "report.md", std::ios::binary) << markdown(stored);
  }
  EXPECT_EQ(text, read_bytes(stored / "report.md"));
}

TEST_F(ReportTest, HasEveryTableThatTheRecordsAllow) {
  const std::string text = markdown(write("now", test::a_bench()));
  for (const char* title :
       {"Real-time factors", "Stage 1 by tool", "Captions: where the time goes", "Scenes", "Memory and energy",
        "Quality", "Architectures", "Which captioner", "What it needs", "First runs", "Method"}) {
    EXPECT_THAT(text, HasSubstr(std::string("\n## ") + title + "\n"));
  }
  EXPECT_THAT(text, HasSubstr("| clip.mp4 | stage 1 | 0.220 (0.210–0.230) | 0.220 | 4.55 |"));
  EXPECT_THAT(text, HasSubstr("32 × 4,096, 32 heads (8 for keys and values)"));
}

TEST_F(ReportTest, TheFirstScenesOfAVideoAreMarkedAndStandInForNothingElse) {
  auto records = test::a_bench();
  const std::string whole = markdown(write("whole", records));
  records.emplace_back(ModelRecord{"s1", "giant", kCaptions, "q4_k_m", "abc999", 5'000'000'000, true, "{}"});
  records.emplace_back(test::a_scene(100, 0, 2.0, 200.0));
  PassRecord pass = test::a_pass(100, "giant", 1, 202.0);
  pass.settings_hash = "cccc3333";
  pass.scenes = pass.fresh_scenes = 1;
  pass.skipped_scenes = 3;
  records.emplace_back(pass);
  const fs::path folder = write("part", records);
  const std::string text = markdown(folder);
  EXPECT_THAT(text,
              HasSubstr("| clip.mp4 | giant q4\\_k\\_m, 1 of 4 scenes | 10.0 | 10.1 | 0.100 | 1 | **part** | the first "
                        "1 of 4 scenes alone, over whose 20.0 s its RTF is |"));
  EXPECT_THAT(text, HasSubstr("giant q4\\_k\\_m, 1 of 4 scenes has random weights"));
  const auto summary = [](const std::string& all) {
    const std::size_t begin = all.find("## Summary");
    return all.substr(begin, all.find("rows are stable") - 20 - begin);
  };
  EXPECT_EQ(summary(text), summary(whole));
  EXPECT_THAT(text, HasSubstr("- **1 video** 100 s in all"));
  EXPECT_THAT(page(folder), HasSubstr("The same of passes over the first scenes alone"));
  EXPECT_THAT(markdown(folder, folder), HasSubstr("| clip.mp4 | giant q4\\_k\\_m, 1 of 4 scenes | 200 | 200 |"));
}

TEST_F(ReportTest, ThePageNeedsNothingFromElsewhereAndDrawsItsPlots) {
  const std::string html = page(write("now", test::a_bench()));
  EXPECT_FALSE(std::regex_search(html, std::regex("(src|href)=\"(?!#)|url\\(|https?://|<script|@import")));
  std::size_t plots = 0;
  for (std::size_t at = html.find("<svg"); at != std::string::npos; at = html.find("<svg", at + 1)) ++plots;
  EXPECT_EQ(plots, 6U);
  EXPECT_THAT(html, HasSubstr("prefers-color-scheme: dark"));
}

TEST_F(ReportTest, HostileWordsStayWords) {
  auto records = test::a_bench();
  for (RawRecord& record : records) {
    if (auto* pass = std::get_if<PassRecord>(&record)) pass->video = "<img src=x onerror=alert(1)>|`x`\n# y";
    if (auto* session = std::get_if<SessionRecord>(&record)) session->cpu = "</style><script>alert(1)</script>";
  }
  const fs::path folder = write("hostile", records);
  const std::string html = page(folder);
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("<img")));
  EXPECT_THAT(markdown(folder), Not(HasSubstr("\n# y")));
}

TEST_F(ReportTest, ComparingSaysFasterOnlyWhereRepeatsDoNotOverlap) {
  auto faster = test::a_bench();
  auto alike = test::a_bench();
  for (RawRecord& record : faster) {
    if (auto* pass = std::get_if<PassRecord>(&record)) {
      pass->wall_seconds /= 2.0;
      pass->after_load_seconds /= 2.0;
    }
  }
  const fs::path old = write("old", alike);
  const std::string changed = markdown(write("new", faster), old);
  EXPECT_THAT(changed, HasSubstr("| clip.mp4 | stage 1 | 22.0 (21.0–23.0) | 11.0 (10.5–11.5) | -50 % | faster |"));
  EXPECT_THAT(markdown(old, old), HasSubstr("within the spread"));
}

TEST_F(ReportTest, TellsLinesThatItCouldNotRead) {
  const fs::path folder = write("torn", test::a_bench());
  std::ofstream(folder / "measurements.jsonl", std::ios::app) << "{\"kind\":\"pass\",\"wall";
  EXPECT_THAT(markdown(folder), HasSubstr("1 of "));
  const auto files = write_report(folder, {}, folder_ / "out");
  ASSERT_TRUE(files.ok());
  EXPECT_EQ(files->bad_lines, 1);
  EXPECT_GT(fs::file_size(folder_ / "out" / "report.html"), 10'000U);
  EXPECT_GT(fs::file_size(folder_ / "out" / "report.md"), 1'000U);
}

TEST_F(ReportTest, MeasurementsOfNowhereAreRefused) {
  const auto document = make_report(write("nowhere", {test::a_video()}), {});
  ASSERT_FALSE(document.ok());
  EXPECT_THAT(document.error().message, HasSubstr("session"));
  EXPECT_FALSE(make_report(folder_ / "missing", {}).ok());
}

}  // namespace
}  // namespace cinescribe::bench
