#include <string>
#include <variant>

#include <gmock/gmock.h>

#include "cinescribe/bench/sections.h"

namespace cinescribe::bench {
namespace {

using testing::ElementsAre;

QualityRecord record(const std::string& measure, const std::string& subject, double value) {
  QualityRecord quality;
  quality.measure = measure;
  quality.subject = subject;
  quality.value = value;
  quality.unit = "share";
  quality.is_lower_better = true;
  return quality;
}

/// "TITLE: measure subject value; ..." of every table.
std::vector<std::string> tables_of(const Section& section) {
  std::vector<std::string> all;
  std::string title;
  for (const Block& block : section.blocks) {
    if (const auto* paragraph = std::get_if<Paragraph>(&block)) title = paragraph->text;
    const auto* table = std::get_if<Table>(&block);
    if (table == nullptr) continue;
    std::string text = title + ":";
    for (const auto& row : table->rows) {
      EXPECT_EQ(row.size(), table->headers.size());
      text += " " + row[0].text + " " + row[1].text + " " + row[3].text + ";";
    }
    all.push_back(text);
  }
  return all;
}

TEST(QualitySection, GroupsMeasuresAndKeepsTheNewestOfEach) {
  Measurements measurements;
  auto gap = record("KL divergence", "m q4_k_m", 0.0123);
  gap.unit = "nats";
  measurements.quality = {record("my own", "x", 0.5),
                          record("word error rate", "speech", 0.2),
                          gap,
                          record("word error rate", "speech", 0.046),
                          record("cut F1", "scenes", 0.95),
                          record("caption agreement (meaning)", "a", 0.83)};
  EXPECT_THAT(
      tables_of(quality_section({measurements, {}})),
      ElementsAre("Against a truth: word error rate speech 4.6 %; cut F1 scenes 95.0 %;",
                  "Captioners against each other: caption agreement (meaning) a 83.0 %;",
                  "What fewer bits cost: KL divergence m q4_k_m 0.0123 nats;", "Other measures: my own x 50.0 %;"));
}

TEST(QualitySection, IsLeftOutWithoutMeasures) { EXPECT_TRUE(quality_section({Measurements(), {}}).blocks.empty()); }

TEST(ReadingText, IsWhatTheCaptionerMisreads) {
  Measurements measurements;
  measurements.quality = {record("on-screen text character error rate", "qwen", 0.25)};
  EXPECT_EQ(reading_text(measurements, "qwen"), "25.0 %");
  EXPECT_EQ(reading_text(measurements, "other"), "");
}

}  // namespace
}  // namespace cinescribe::bench
