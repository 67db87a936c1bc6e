#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "cinescribe/bench/number_text.h"
#include "cinescribe/bench/plots.h"
#include "cinescribe/bench/svg.h"

namespace cinescribe::bench {

namespace {

constexpr double kWidth = 920.0;
constexpr double kLabels = 130.0;
constexpr double kRight = 24.0;
constexpr double kLane = 26.0;
constexpr double kBlock = 17.0;
constexpr double kPlotHeight = 220.0;
/// More rectangles are not seen apart.
constexpr std::size_t kMostBlocks = 400;
/// A page with a hundred time lines is read by nobody.
constexpr std::size_t kMostRuns = 3;

double length_of(const Run& run) {
  double seconds = 0.0;
  for (const PassData* data : run.passes) seconds += data->pass.wall_seconds;
  return seconds;
}

void draw_time_axis(Svg& svg, const std::vector<double>& ticks, const Axis& axis, double top, double bottom) {
  for (const double tick : ticks) {
    svg.line(axis.at(tick), top, axis.at(tick), bottom, "var(--line)");
    svg.text(axis.at(tick), bottom + 16.0, tick_text(tick) + " s", "middle", "soft");
  }
}

/// Where one pass ends and the next begins.
void draw_borders(Svg& svg, const Run& run, const Axis& axis, double top, double bottom) {
  double begun = 0.0;
  for (const PassData* data : run.passes) {
    begun += data->pass.wall_seconds;
    if (data != run.passes.back()) svg.line(axis.at(begun), top, axis.at(begun), bottom, "var(--soft)", 1.0, "dashed");
  }
}

/// From top to bottom, the same in every time line, so that a colour means one stage on the whole page.
std::size_t rank_of(const std::string& stage) {
  static constexpr std::array kStages = {"decode", "scenes", "frames", "speech", "sounds", "objects"};
  return static_cast<std::size_t>(std::find(kStages.begin(), kStages.end(), stage) - kStages.begin());
}

void draw_stage(Svg& svg, const UnitRecord& unit, const Axis& axis, double begun, double y, std::size_t colour) {
  const double start = begun + unit.start_seconds;
  const double ready = start + unit.load_seconds;
  const double end = start + unit.wall_seconds;
  const std::string tip = unit.stage + ": " + seconds_text(unit.wall_seconds) + ", of it loading " +
                          seconds_text(unit.load_seconds) + ", processor time " + seconds_text(unit.cpu_seconds);
  svg.rect(axis.at(start), y, axis.at(end) - axis.at(start), kBlock, series_colour(colour), tip, 2.0);
  if (unit.load_seconds > 0.0) {
    svg.rect(axis.at(start), y, axis.at(ready) - axis.at(start), kBlock, "var(--card)", tip, 2.0, "veil");
  }
}

void draw_scenes(Svg& svg, const PassData& data, const Axis& axis, double begun, double y, std::size_t colour) {
  const PassRecord& pass = data.pass;
  const double loaded = begun + pass.wall_seconds - pass.after_load_seconds;
  const double end = begun + pass.wall_seconds;
  svg.rect(
      axis.at(begun), y, axis.at(end) - axis.at(begun), kBlock, series_colour(colour),
      pass.captioner + ": " + seconds_text(pass.wall_seconds) + ", of it loading " + seconds_text(pass.load_seconds),
      2.0);
  svg.rect(axis.at(begun), y, axis.at(loaded) - axis.at(begun), kBlock, "var(--card)", "loading " + pass.captioner, 2.0,
           "veil");
  const std::size_t step = data.scenes.size() / kMostBlocks + 1;
  for (std::size_t i = 0; i < data.scenes.size(); i += step) {
    const double finished = axis.at(begun + data.scenes[i].start_seconds + data.scenes[i].wall_seconds);
    svg.line(finished, y, finished, y + kBlock, "var(--card)", 1.0);
  }
}

}  // namespace

std::vector<Run> typical_runs(const std::vector<ReportRow>& rows) {
  std::vector<Run> runs;
  for (const ReportRow& row : rows) {
    const PassData* const pass = typical_repeat(*row.row);
    if (pass == nullptr || row.figures.skipped > 0) continue;
    if (runs.empty() || runs.back().video != row.video) {
      if (runs.size() == kMostRuns) break;
      runs.push_back({row.video, {}});
    }
    runs.back().passes.push_back(pass);
  }
  return runs;
}

Plot gantt_plot(const Run& run) {
  std::vector<std::string> lanes;
  std::map<std::string, std::size_t> lane_of;
  const auto lane = [&](const std::string& name) {
    const auto [found, is_new] = lane_of.emplace(name, lanes.size());
    if (is_new) lanes.push_back(name);
    return found->second;
  };
  for (const PassData* data : run.passes) {
    std::vector<const UnitRecord*> stages;
    for (const UnitRecord& unit : data->stages) {
      if (unit.stage != "other") stages.push_back(&unit);
    }
    std::stable_sort(stages.begin(), stages.end(),
                     [](const auto* a, const auto* b) { return rank_of(a->stage) < rank_of(b->stage); });
    for (const UnitRecord* unit : stages) lane(unit->stage);
    if (data->stages.empty()) lane(data->pass.captioner);
  }
  const double height = 10.0 + kLane * static_cast<double>(lanes.size());
  Svg svg(kWidth, height + 24.0, "Time line of the stages over " + run.video);
  const std::vector<double> ticks = round_ticks(length_of(run), 8);
  const Axis axis{kLabels, kWidth - kRight, ticks.back()};
  draw_time_axis(svg, ticks, axis, 6.0, height);
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    svg.text(kLabels - 10.0, 10.0 + kLane * static_cast<double>(i) + 13.0, shortened(lanes[i], 18), "end");
  }
  double begun = 0.0;
  for (const PassData* data : run.passes) {
    for (const UnitRecord& unit : data->stages) {
      if (unit.stage == "other") continue;
      const std::size_t row = lane(unit.stage);
      draw_stage(svg, unit, axis, begun, 10.0 + kLane * static_cast<double>(row), row);
    }
    if (data->stages.empty()) {
      const std::size_t row = lane(data->pass.captioner);
      draw_scenes(svg, *data, axis, begun, 10.0 + kLane * static_cast<double>(row), row);
    }
    begun += data->pass.wall_seconds;
  }
  draw_borders(svg, run, axis, 6.0, height);
  return {"Time line: " + run.video, svg.str(),
          "<span class=\"soft\">pale: loading; dashed lines: from one pass to the next; marks in a captioner's lane: a "
          "caption is finished. The repeat nearest to the median.</span>"};
}

Plot memory_plot(const Run& run) {
  const double bottom = kPlotHeight - 24.0;
  std::vector<Svg::Point> together;
  std::map<std::string, std::vector<Svg::Point>> devices;
  double most = 0.0;
  double begun = 0.0;
  for (const PassData* data : run.passes) {
    for (const SampleRecord& sample : data->samples) {
      double sum = 0.0;
      for (const auto& [name, bytes] : sample.memory_bytes) sum += static_cast<double>(bytes) / 1e6;
      together.push_back({begun + sample.at_seconds, sum});
      most = std::max(most, sum);
      for (const auto& [name, bytes] : sample.device_bytes) {
        devices[name].push_back({begun + sample.at_seconds, static_cast<double>(bytes) / 1e6});
        most = std::max(most, static_cast<double>(bytes) / 1e6);
      }
    }
    begun += data->pass.wall_seconds;
  }
  Svg svg(kWidth, kPlotHeight, "Resident memory over time, " + run.video);
  const std::vector<double> ticks = round_ticks(length_of(run), 8);
  const Axis time{kLabels, kWidth - kRight, ticks.back()};
  const std::vector<double> levels = round_ticks(most, 4);
  const Axis memory{bottom, 10.0, levels.back()};
  draw_time_axis(svg, ticks, time, 10.0, bottom);
  for (const double level : levels) {
    svg.line(kLabels, memory.at(level), kWidth - kRight, memory.at(level), "var(--line)");
    svg.text(kLabels - 10.0, memory.at(level) + 4.0, bytes_text(static_cast<std::uint64_t>(level * 1e6)), "end",
             "soft");
  }
  std::vector<std::string> names = {"all processes"};
  const auto draw = [&](std::vector<Svg::Point> points, std::size_t colour, bool is_filled) {
    for (Svg::Point& point : points) point = {time.at(point.x), memory.at(point.y)};
    svg.curve(points, series_colour(colour), is_filled, bottom);
  };
  draw(together, 0, true);
  for (const auto& [name, points] : devices) {
    draw(points, names.size(), false);
    names.push_back(name);
  }
  draw_borders(svg, run, time, 10.0, bottom);
  return {"Memory over time: " + run.video, svg.str(), legend(names)};
}

Plot scatter_plot(const std::vector<SceneSeries>& series) {
  constexpr std::size_t kMostPoints = 3000;
  double longest = 0.0;
  double slowest = 0.0;
  std::size_t count = 0;
  std::vector<std::string> names;
  const auto cost = [](const ScenePoint& scene) {
    return scene.work_seconds() > 0.0 ? scene.work_seconds() : scene.wall_seconds;
  };
  for (const SceneSeries& each : series) {
    names.push_back(each.name);
    count += each.scenes.size();
    for (const ScenePoint& scene : each.scenes) {
      longest = std::max(longest, scene.media_seconds);
      slowest = std::max(slowest, cost(scene));
    }
  }
  const double height = 300.0;
  const double bottom = height - 40.0;
  Svg svg(kWidth, height, "Seconds that each scene took, by the length of the scene");
  const std::vector<double> lengths = round_ticks(longest, 8);
  const std::vector<double> costs = round_ticks(slowest, 5);
  const Axis x{kLabels, kWidth - kRight, lengths.back()};
  const Axis y{bottom, 12.0, costs.back()};
  for (const double tick : costs) {
    svg.line(kLabels, y.at(tick), kWidth - kRight, y.at(tick), "var(--line)");
    svg.text(kLabels - 10.0, y.at(tick) + 4.0, tick_text(tick) + " s", "end", "soft");
  }
  for (const double tick : lengths) svg.text(x.at(tick), bottom + 17.0, tick_text(tick) + " s", "middle", "soft");
  svg.text((kLabels + kWidth - kRight) / 2.0, height - 4.0, "length of the scene", "middle", "soft");
  const std::size_t step = count / kMostPoints + 1;
  for (std::size_t i = 0; i < series.size(); ++i) {
    for (std::size_t j = 0; j < series[i].scenes.size(); j += step) {
      const ScenePoint& scene = series[i].scenes[j];
      svg.circle(x.at(scene.media_seconds), y.at(cost(scene)), 4.0, series_colour(i),
                 series[i].name + ", scene " + std::to_string(scene.scene + 1) + ": " + seconds_text(cost(scene)) +
                     " for " + std::to_string(scene.tokens_out) + " tokens");
    }
  }
  return {"Work per scene by its length", svg.str(), legend(names)};
}

}  // namespace cinescribe::bench
