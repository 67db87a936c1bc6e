#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "cinescribe/bench/number_text.h"
#include "cinescribe/bench/sections.h"

namespace cinescribe::bench {

namespace {

constexpr std::string_view kReading = "on-screen text character error rate";

/// What measures belong together, in the order of the report; everything else comes under "Other measures".
struct Group {
  const char* title;
  std::vector<std::string_view> measures;
};

const std::vector<Group>& groups() {
  static const std::vector<Group> all = {
      {"Against a truth",
       {"word error rate", "character error rate", "cut F1", "sound mAP", "HOTA", "MOTA", "IDF1", kReading}},
      {"Captioners against each other",
       {"caption agreement (meaning)", "caption agreement (characters)", "repetition rate"}},
      {"What fewer bits cost", {"token agreement", "KL divergence"}}};
  return all;
}

bool is_in(const Group& group, const std::string& measure) {
  return std::find(group.measures.begin(), group.measures.end(), measure) != group.measures.end();
}

auto key_of(const QualityRecord& record) {
  return std::tie(record.measure, record.subject, record.video, record.reference);
}

/// The last one of every measure: what was measured again counts once.
std::vector<const QualityRecord*> newest(const std::vector<QualityRecord>& records) {
  std::vector<const QualityRecord*> list;
  for (const QualityRecord& record : records) {
    const auto same = std::find_if(list.begin(), list.end(),
                                   [&](const QualityRecord* each) { return key_of(*each) == key_of(record); });
    if (same == list.end()) {
      list.push_back(&record);
    } else {
      *same = &record;
    }
  }
  return list;
}

std::string value_text(const QualityRecord& record) {
  if (record.unit != "share") return number_text(record.value) + (record.unit.empty() ? "" : " " + record.unit);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %%", 100.0 * record.value);
  return text.data();
}

std::vector<Cell> row_of(const QualityRecord& record) {
  return {{record.measure},
          {record.subject},
          {record.video},
          number_cell(value_text(record)),
          {record.is_lower_better ? "lower" : "higher"},
          number_cell(record.count > 0 ? count_text(record.count) : ""),
          {record.reference},
          {record.command}};
}

void add_table(Section& section, const char* title, std::vector<std::vector<Cell>> rows) {
  if (rows.empty()) return;
  section.blocks.emplace_back(Paragraph{title});
  section.blocks.emplace_back(
      Table{{"Measure", "What", "On", "Value", "Better", "Over", "Against", "Measured by"}, std::move(rows)});
}

}  // namespace

std::string reading_text(const Measurements& measurements, const std::string& captioner) {
  const auto records = newest(measurements.quality);
  const auto found = std::find_if(records.begin(), records.end(), [&](const QualityRecord* record) {
    return record->measure == kReading && record->subject == captioner;
  });
  return found == records.end() ? std::string() : value_text(**found);
}

Section quality_section(const ReportInput& input) {
  Section section{"Quality", {}, false};
  const std::vector<const QualityRecord*> records = newest(input.measurements.quality);
  for (const Group& group : groups()) {
    std::vector<std::vector<Cell>> rows;
    for (const std::string_view measure : group.measures) {
      for (const QualityRecord* record : records) {
        if (record->measure == measure) rows.push_back(row_of(*record));
      }
    }
    add_table(section, group.title, std::move(rows));
  }
  std::vector<std::vector<Cell>> rest;
  for (const QualityRecord* record : records) {
    const bool is_grouped = std::any_of(groups().begin(), groups().end(),
                                        [&](const Group& group) { return is_in(group, record->measure); });
    if (!is_grouped) rest.push_back(row_of(*record));
  }
  add_table(section, "Other measures", std::move(rest));
  return section;
}

}  // namespace cinescribe::bench
