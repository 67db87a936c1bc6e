#include <algorithm>
#include <map>
#include <utility>

#include "cinescribe/bench/number_text.h"
#include "cinescribe/bench/plots.h"
#include "cinescribe/bench/sections.h"

namespace cinescribe::bench {

namespace {

Cell status_cell(const Judgement& judgement) {
  const CellKind kind = judgement.status == RowStatus::kStable   ? CellKind::kGood
                        : judgement.status == RowStatus::kFailed ? CellKind::kBad
                                                                 : CellKind::kDoubtful;
  return {status_name(judgement.status), kind};
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : "; ") + word;
  return text;
}

}  // namespace

Section summary_section(const ReportInput& input) {
  Section section{"Summary", {}, false};
  Tiles tiles;
  double seconds = 0.0;
  std::size_t stable = 0;
  const ReportRow* fastest = nullptr;
  std::map<std::string, double> lengths;
  double stage1_seconds = 0.0;
  double stage1_length = 0.0;
  for (const ReportRow& row : input.rows) {
    const bool is_part = row.figures.skipped > 0;
    if (!is_part) lengths[row.row->video + row.row->fingerprint] = row.figures.duration_seconds;
    stable += row.judgement.status == RowStatus::kStable ? 1 : 0;
    if (!has_figures(row) || is_part) continue;
    if (row.row->is_stage1()) {
      stage1_seconds += row.figures.wall.median;
      stage1_length += row.figures.duration_seconds;
    } else if (fastest == nullptr || row.figures.rtf.median < fastest->figures.rtf.median) {
      fastest = &row;
    }
  }
  for (const auto& [name, length] : lengths) seconds += length;
  if (stage1_seconds > 0.0) {
    tiles.tiles.push_back({number_text(stage1_length / stage1_seconds) + " ×", "real time, stage 1 over all videos"});
    tiles.tiles.push_back(
        {number_text(stage1_length / stage1_seconds * 24.0) + " h", "of video a day through stage 1"});
  }
  if (fastest != nullptr) {
    tiles.tiles.push_back(
        {number_text(fastest->figures.scenes_per_minute), "scenes a minute, " + fastest->subject + ", the fastest"});
  }
  tiles.tiles.push_back({std::to_string(stable) + " of " + std::to_string(input.rows.size()), "rows are stable"});
  tiles.tiles.push_back({std::to_string(lengths.size()) + (lengths.size() == 1 ? " video" : " videos"),
                         seconds_text(seconds) + " in all"});
  section.blocks.emplace_back(std::move(tiles));
  return section;
}

Section rtf_section(const ReportInput& input) {
  Section section{"Real-time factors", {}, false};
  Table table{{"Video", "What", "RTF (min–max)", "With loading", "× real time", "Repeats", "Status", "Why"}, {}};
  Table times{{"Video", "What", "Wall s", "Load s", "CPU s", "Cores busy", "Others' share", "Hours of video a day"},
              {}};
  std::vector<Bar> bars;
  std::map<std::string, std::size_t> colours = {{"stage 1", 0}};
  for (const ReportRow& row : input.rows) {
    const RowFigures& figures = row.figures;
    const bool is_known = has_figures(row) && figures.rtf.median > 0.0;
    table.rows.push_back({{row.video},
                          {row.subject},
                          number_cell(is_known ? spread_text(figures.rtf) : "–"),
                          number_cell(is_known ? number_text(figures.wall_rtf.median) : "–"),
                          number_cell(is_known ? number_text(1.0 / figures.rtf.median) : "–"),
                          number_cell(std::to_string(row.row->repeats.size())),
                          status_cell(row.judgement),
                          {joined(row.judgement.reasons)}});
    if (has_figures(row)) {
      times.rows.push_back(
          {{row.video},
           {row.subject},
           number_cell(seconds_spread_text(figures.wall)),
           number_cell(row.row->is_stage1() ? "" : seconds_spread_text(figures.load)),
           number_cell(seconds_spread_text(figures.cpu)),
           number_cell(number_text(figures.cores_busy)),
           number_cell(percent_text(figures.other_share)),
           number_cell(is_known && figures.skipped == 0 ? number_text(figures.video_hours_per_day()) : "–")});
    }
    if (!is_known) continue;
    const std::size_t colour = colours.emplace(row.subject, colours.size()).first->second;
    bars.push_back({row.subject, row.video, figures.rtf, colour,
                    row.judgement.status == RowStatus::kAnomalous || figures.skipped > 0, part_text(figures)});
  }
  if (!bars.empty()) section.blocks.emplace_back(rtf_plot(bars));
  section.blocks.emplace_back(std::move(table));
  if (!times.rows.empty()) section.blocks.emplace_back(std::move(times));
  section.blocks.emplace_back(Paragraph{
      "RTF is time over the length of the video: of a captioner the time after its model was loaded, extraction of "
      "frames included; of stage 1 all of its time, in which models load side by side with the work. \"With loading\" "
      "is the whole wall time, and so are hours of video a day. Medians of the repeats, with the fastest and the "
      "slowest in brackets. Warm-ups and "
      "passes "
      "that took over earlier work are in no figure. The rules of the statuses stand under Method."});
  return section;
}

Section stage1_section(const ReportInput& input) {
  Section section{"Stage 1 by tool", {}, false};
  Table table{{"Video", "Tool", "Wall s", "Loading s", "At work s", "CPU s", "Share of CPU", "RTF of its work",
               "Frames", "Results"},
              {}};
  for (const ReportRow& row : input.rows) {
    if (!row.row->is_stage1() || !has_figures(row)) continue;
    std::map<std::string, std::vector<const UnitRecord*>> tools;
    std::vector<std::string> order;
    for (const PassData& data : row.row->repeats) {
      for (const UnitRecord& unit : data.stages) {
        if (tools[unit.stage].empty()) order.push_back(unit.stage);
        tools[unit.stage].push_back(&unit);
      }
    }
    for (const std::string& tool : order) {
      const auto over = [&](double UnitRecord::*member) {
        std::vector<double> values;
        for (const UnitRecord* unit : tools[tool]) values.push_back(unit->*member);
        return spread_of(std::move(values));
      };
      const Spread cpu = over(&UnitRecord::cpu_seconds);
      const Spread busy = over(&UnitRecord::busy_seconds);
      const UnitRecord& first = *tools[tool].front();
      const double all = row.figures.cpu.median;
      const bool is_rest = tool == "other";
      table.rows.push_back(
          {{row.video},
           {is_rest ? "the rest" : tool},
           number_cell(is_rest ? "" : seconds_spread_text(over(&UnitRecord::wall_seconds))),
           number_cell(is_rest || tool == "decode" ? "" : seconds_spread_text(over(&UnitRecord::load_seconds))),
           number_cell(is_rest || tool == "decode" ? "" : seconds_spread_text(busy)),
           number_cell(seconds_spread_text(cpu)),
           number_cell(all > 0.0 ? percent_text(cpu.median / all) : "–"),
           number_cell(is_rest || tool == "decode" || row.figures.duration_seconds <= 0.0
                           ? ""
                           : number_text(busy.median / row.figures.duration_seconds)),
           number_cell(first.frames > 0 ? count_text(first.frames) : ""),
           number_cell(first.bytes > 0 && tool != "decode" ? bytes_text(static_cast<std::uint64_t>(first.bytes))
                                                           : "")});
    }
  }
  if (table.rows.empty()) return section;
  for (Run& run : typical_runs(input.rows)) {
    std::erase_if(run.passes, [](const PassData* data) { return data->pass.part != kStage1; });
    if (!run.passes.empty()) section.blocks.emplace_back(gantt_plot(run));
  }
  section.blocks.emplace_back(std::move(table));
  section.blocks.emplace_back(Paragraph{
      "All tools run side by side from one decode pass, so their wall times overlap and do not add up. \"At work\" "
      "leaves "
      "out waiting for the decoder, but not waiting for a core; the decoder waits for the slowest tool, so only its "
      "processor time is its own. Processor time is told apart by the names of threads; "
      "a thread that ends between two looks (a fifth of a second) may lose that much to the rest, where files and the "
      "meter itself count, too."});
  return section;
}

Section memory_section(const ReportInput& input) {
  Section section{"Memory and energy", {}, false};
  Table table{{"Video", "What", "Process or device", "Peak", "Energy J", "J per second of video"}, {}};
  for (const ReportRow& row : input.rows) {
    if (!has_figures(row)) continue;
    const RowFigures& figures = row.figures;
    const bool has_energy = figures.joules.count > 0;
    bool is_first = true;
    const auto add = [&](const std::string& name, std::uint64_t bytes) {
      const bool shows_energy = std::exchange(is_first, false);
      table.rows.push_back({{row.video},
                            {row.subject},
                            {name},
                            number_cell(bytes_text(bytes)),
                            number_cell(!shows_energy ? ""
                                        : has_energy  ? spread_text(figures.joules)
                                                      : "not available"),
                            number_cell(shows_energy && has_energy && figures.duration_seconds > 0.0
                                            ? number_text(figures.joules.median / figures.duration_seconds)
                                            : "")});
    };
    for (const auto& [name, bytes] : figures.peak_memory_bytes) add(name, bytes);
    for (const auto& [name, bytes] : figures.peak_device_bytes) add(name + " (whole device)", bytes);
  }
  if (table.rows.empty()) return section;
  for (const Run& run : typical_runs(input.rows)) section.blocks.emplace_back(memory_plot(run));
  section.blocks.emplace_back(std::move(table));
  for (const SessionRecord& machine : input.measurements.machines) {
    if (!machine.no_energy_why.empty()) {
      section.blocks.emplace_back(Paragraph{"Energy is not available: " + machine.no_energy_why + "."});
      break;
    }
  }
  return section;
}

Section warm_up_section(const ReportInput& input) {
  Section section{"First runs", {}, true};
  Table table{{"Video", "What", "First run, wall s", "Then (median), wall s", "First run loads, s", "Then loads, s"},
              {}};
  for (const ReportRow& row : input.rows) {
    if (row.row->warm_ups.empty()) continue;
    const PassRecord& first = row.row->warm_ups.front().pass;
    const bool is_stage1 = row.row->is_stage1();
    table.rows.push_back({{row.video},
                          {row.subject},
                          number_cell(table_seconds(first.wall_seconds)),
                          number_cell(seconds_spread_text(row.figures.wall)),
                          number_cell(is_stage1 ? "" : table_seconds(first.load_seconds)),
                          number_cell(is_stage1 ? "" : seconds_spread_text(row.figures.load))});
  }
  if (table.rows.empty()) return section;
  section.blocks.emplace_back(Paragraph{
      "Warm-ups: what a first run costs while files come from the disk and processors wake up. In no other figure."});
  section.blocks.emplace_back(std::move(table));
  return section;
}

}  // namespace cinescribe::bench
