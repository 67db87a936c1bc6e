#include <algorithm>
#include <cmath>
#include <map>

#include "cinescribe/bench/number_text.h"
#include "cinescribe/bench/plots.h"
#include "cinescribe/bench/sections.h"

namespace cinescribe::bench {

namespace {

std::string of_all(std::int64_t some, std::int64_t all) {
  return some == 0 ? "0" : std::to_string(some) + " of " + std::to_string(all);
}

std::string whole_text(double value) { return count_text(std::llround(value)); }

double median_of(const RowFigures& figures, const char* phase) {
  const auto found = figures.phases.find(phase);
  return found == figures.phases.end() ? 0.0 : found->second.median;
}

bool is_caption_row(const ReportRow& row) { return !row.row->is_stage1() && has_figures(row); }

PhaseBar phases_of(const ReportRow& row, bool names_video) {
  const RowFigures& figures = row.figures;
  PhaseBar bar;
  bar.label = row.subject + (names_video ? ", " + row.video : "");
  bar.seconds = {figures.load.median, median_of(figures, "preprocess"), median_of(figures, "encode"),
                 median_of(figures, "prefill"), median_of(figures, "decode")};
  double told = 0.0;
  for (const double seconds : bar.seconds) told += seconds;
  bar.seconds.push_back(std::max(0.0, figures.wall.median - told));
  return bar;
}

}  // namespace

Section captions_section(const ReportInput& input) {
  Section section{"Captions: where the time goes", {}, false};
  const std::vector<std::string> names = {"load", "preprocess", "vision encode", "prefill", "token generation", "rest"};
  Table table{{"Video", "Captioner", "Load s", "Preprocess s", "Vision encode s", "Prefill s", "Generation s", "Rest s",
               "Prompt tokens/s", "New tokens/s", "Tokens in (of pictures)", "Tokens out"},
              {}};
  std::vector<PhaseBar> bars;
  std::vector<PhaseBar> parts;  // of passes over the first scenes alone
  bool has_work = false;
  for (const ReportRow& row : input.rows) {
    if (!is_caption_row(row)) continue;
    const RowFigures& figures = row.figures;
    const bool names_video = input.measurements.videos.size() > 1 || input.measurements.machines.size() > 1;
    PhaseBar bar = phases_of(row, names_video);
    has_work = has_work || figures.new_tokens_per_second > 0.0;
    table.rows.push_back({{row.video}, {row.subject}});
    std::vector<Cell>& cells = table.rows.back();
    for (const double seconds : bar.seconds) cells.push_back(number_cell(table_seconds(seconds)));
    cells.push_back(
        number_cell(figures.prompt_tokens_per_second > 0.0 ? number_text(figures.prompt_tokens_per_second) : "–"));
    cells.push_back(
        number_cell(figures.new_tokens_per_second > 0.0 ? number_text(figures.new_tokens_per_second) : "–"));
    cells.push_back(number_cell(whole_text(figures.tokens_in_p50) + " (" + whole_text(figures.image_tokens_p50) + ")"));
    cells.push_back(number_cell(whole_text(figures.tokens_out_p50)));
    (figures.skipped > 0 ? parts : bars).push_back(std::move(bar));
  }
  if (table.rows.empty()) return section;
  if (has_work && !bars.empty()) {
    section.blocks.emplace_back(phase_plot("Where the time of a pass goes (medians of the repeats)", names, bars));
  }
  if (!parts.empty()) {
    section.blocks.emplace_back(phase_plot("The same of passes over the first scenes alone", names, parts));
  }
  for (const Run& run : typical_runs(input.rows)) section.blocks.emplace_back(gantt_plot(run));
  section.blocks.emplace_back(std::move(table));
  section.blocks.emplace_back(Paragraph{
      "Seconds of a whole pass, medians of the repeats. Several scenes are decoded together; a step's time is shared "
      "out "
      "among the tokens in it, so the phases add up to the engine's time. The rest is extraction of frames, files, and "
      "waiting. Token rates are over the time of their own phase."});
  return section;
}

Section scenes_section(const ReportInput& input) {
  Section section{"Scenes", {}, false};
  Table table{{"Video", "Captioner", "Scenes", "Scenes a minute", "s per scene", "Work p50 s", "Work p95 s",
               "Longest s", "Words p50", "Words p95", "At the limit", "Empty", "Suspect", "Failed"},
              {}};
  std::vector<SceneSeries> series;
  std::map<std::string, std::size_t> series_of;
  for (const ReportRow& row : input.rows) {
    if (!is_caption_row(row)) continue;
    const RowFigures& figures = row.figures;
    table.rows.push_back({{row.video},
                          {row.subject},
                          number_cell(count_text(figures.scenes)),
                          number_cell(number_text(figures.scenes_per_minute)),
                          number_cell(seconds_spread_text(figures.seconds_per_scene)),
                          number_cell(table_seconds(figures.scene_p50)),
                          number_cell(table_seconds(figures.scene_p95)),
                          number_cell(table_seconds(figures.scene_max)),
                          number_cell(whole_text(figures.words_p50)),
                          number_cell(whole_text(figures.words_p95)),
                          number_cell(of_all(figures.capped, figures.described)),
                          number_cell(of_all(figures.empty, figures.described)),
                          number_cell(of_all(figures.suspect, figures.described)),
                          number_cell(of_all(figures.failed, figures.described))});
    if (figures.skipped > 0) continue;  // the table has what there is to say of a scene or two
    const auto [found, is_new] = series_of.emplace(row.subject, series.size());
    if (is_new) series.push_back({row.subject, {}});
    const PassData* const typical = typical_repeat(*row.row);
    std::vector<ScenePoint>& points = series[found->second].scenes;
    points.insert(points.end(), typical->scenes.begin(), typical->scenes.end());
  }
  if (table.rows.empty()) return section;
  if (!series.empty()) section.blocks.emplace_back(scatter_plot(series));
  section.blocks.emplace_back(std::move(table));
  section.blocks.emplace_back(
      Paragraph{"Work of a scene is its preprocessing, encoding, prefill and generation (of captioners that do not "
                "tell, the time "
                "since the caption before); p50 and p95 are over the scenes of all repeats. Seconds per scene are wall "
                "time after "
                "loading over the number of scenes. The last four columns count over all repeats."});
  return section;
}

}  // namespace cinescribe::bench
