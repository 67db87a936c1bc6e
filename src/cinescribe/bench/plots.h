#pragma once

#include <string>
#include <vector>

#include "cinescribe/bench/measurements.h"
#include "cinescribe/bench/report_document.h"
#include "cinescribe/bench/report_rows.h"
#include "cinescribe/bench/statistics.h"

namespace cinescribe::bench {

struct Bar {
  std::string label;
  std::string group;  ///< Bars of a group stand together under it.
  Spread value;
  std::size_t colour = 0;
  bool is_doubtful = false;
  std::string note;  ///< Said behind the figure: what the bar is of, where it is not of the whole video.
};
/// Real-time factors, one bar each with its spread; logarithmic where the largest is 50 times the smallest.
Plot rtf_plot(const std::vector<Bar>& bars);

/// One typical run through a video: stage 1 and then every captioner, one pass after the other.
struct Run {
  std::string video;
  std::vector<const PassData*> passes;
};
/// The typical runs of the first few videos, without passes over the first scenes alone: their seconds are others.
std::vector<Run> typical_runs(const std::vector<ReportRow>& rows);
/// Every stage with a lane of its own: when it loaded, when it worked.
Plot gantt_plot(const Run& run);
/// Resident memory over the same time, all processes together and each device.
Plot memory_plot(const Run& run);

/// Seconds that each scene took, by its length, a colour per captioner.
struct SceneSeries {
  std::string name;
  std::vector<ScenePoint> scenes;
};
Plot scatter_plot(const std::vector<SceneSeries>& series);

/// Where the seconds of captions go: a bar per captioner, cut into phases.
struct PhaseBar {
  std::string label;
  std::vector<double> seconds;  ///< As long as `names`.
};
Plot phase_plot(const std::string& title, const std::vector<std::string>& names, const std::vector<PhaseBar>& bars);

/// Names beside squares of their colours, as HTML.
std::string legend(const std::vector<std::string>& names);

}  // namespace cinescribe::bench
