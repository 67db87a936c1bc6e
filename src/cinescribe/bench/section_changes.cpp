#include <cmath>
#include <map>

#include "cinescribe/bench/number_text.h"
#include "cinescribe/bench/sections.h"

namespace cinescribe::bench {

namespace {

/// By what a row of another report is the same work; settings and machine may have changed and are told.
std::string work_key(const ReportRow& each) {
  const Row& row = *each.row;
  return row.part + "\n" + row.captioner + "\n" + row.video + "\n" + row.fingerprint +
         (each.figures.skipped > 0 ? "\nfirst " + std::to_string(each.figures.scenes) : "");
}

/// What two sets of repeats allow to say.
Cell verdict(const Spread& before, const Spread& now) {
  if (before.count < 2 || now.count < 2) return {"too few repeats to tell", CellKind::kText};
  if (now.max < before.min) return {"faster", CellKind::kGood};
  if (now.min > before.max) return {"slower", CellKind::kBad};
  return {"within the spread", CellKind::kText};
}

std::string change_text(double before, double now) {
  if (before <= 0.0) return "–";
  const double change = now / before - 1.0;
  return (change > 0.0 ? "+" : "") + percent_text(change);
}

std::string differences(const ReportInput& input, const ReportInput& old, const Row& now, const Row& before) {
  std::string text;
  if (now.settings_hash != before.settings_hash) text = "other settings or model";
  const SessionRecord& here = input.measurements.machines[static_cast<std::size_t>(now.machine)];
  const SessionRecord& there = old.measurements.machines[static_cast<std::size_t>(before.machine)];
  const auto add = [&](bool differs, const char* what) {
    if (differs) text += (text.empty() ? "" : ", ") + std::string(what);
  };
  add(here.cpu != there.cpu || here.cores != there.cores || here.memory_bytes != there.memory_bytes, "another machine");
  add(here.commit != there.commit || here.version != there.version, "another commit");
  add(here.build_flags != there.build_flags || here.build_type != there.build_type || here.compiler != there.compiler,
      "another build");
  return text;
}

}  // namespace

Section changes_section(const ReportInput& input, const ReportInput& old) {
  Section section{"Changes", {}, false};
  std::map<std::string, const ReportRow*> before;  // the last of each
  for (const ReportRow& row : old.rows) {
    if (has_figures(row)) before[work_key(row)] = &row;
  }
  Table table{{"Video", "What", "Before, s", "Now, s", "Change", "", "Memory before", "Memory now", "Differs by"}, {}};
  List only_here;
  for (const ReportRow& row : input.rows) {
    if (!has_figures(row)) continue;
    const auto found = before.find(work_key(row));
    if (found == before.end()) {
      only_here.items.push_back(row.video + ", " + row.subject + ": not measured before");
      continue;
    }
    const RowFigures& then = found->second->figures;
    const RowFigures& now = row.figures;
    table.rows.push_back({{row.video},
                          {row.subject},
                          number_cell(seconds_spread_text(then.after_load)),
                          number_cell(seconds_spread_text(now.after_load)),
                          number_cell(change_text(then.after_load.median, now.after_load.median)),
                          verdict(then.after_load, now.after_load),
                          number_cell(bytes_text(then.memory_bytes())),
                          number_cell(bytes_text(now.memory_bytes())),
                          {differences(input, old, *row.row, *found->second->row)}});
  }
  if (!table.rows.empty()) section.blocks.emplace_back(std::move(table));
  if (!only_here.items.empty()) section.blocks.emplace_back(std::move(only_here));
  section.blocks.emplace_back(
      Paragraph{"Seconds after loading, medians with the fastest and the slowest repeat in brackets. Faster or slower "
                "is said only "
                "where the repeats do not overlap; \"within the spread\" is no change that these measurements show."});
  return section;
}

}  // namespace cinescribe::bench
