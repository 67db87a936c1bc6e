#include <algorithm>
#include <cmath>

#include "cinescribe/bench/number_text.h"
#include "cinescribe/bench/plots.h"
#include "cinescribe/bench/svg.h"
#include "cinescribe/results/markup.h"

namespace cinescribe::bench {

namespace {

constexpr double kWidth = 920.0;
constexpr double kLabels = 236.0;
constexpr double kRight = 180.0;
constexpr std::size_t kLabelLength = 28;
constexpr double kBarHeight = 20.0;
constexpr double kRowHeight = 28.0;
constexpr double kGroupHeight = 30.0;
constexpr double kFigureWidth = 8.0;  // of a digit, at most
constexpr double kWideRange = 50.0;

/// Values to pixels, in either way.
class Scale {
 public:
  explicit Scale(const std::vector<Bar>& bars) {
    double least = 1e300;
    for (const Bar& bar : bars) {
      top_ = std::max(top_, bar.value.max);
      if (bar.value.min > 0.0) least = std::min(least, bar.value.min);
    }
    is_logarithmic_ = top_ > 0.0 && least < 1e300 && top_ / least > kWideRange;
    if (is_logarithmic_) {
      low_ = std::floor(std::log10(least) - 0.15);
      high_ = std::ceil(std::log10(top_));
      for (double power = low_; power <= high_; power += 1.0) ticks_.push_back(std::pow(10.0, power));
    } else {
      ticks_ = round_ticks(top_);
      high_ = ticks_.back();
    }
  }

  [[nodiscard]] bool is_logarithmic() const { return is_logarithmic_; }
  [[nodiscard]] const std::vector<double>& ticks() const { return ticks_; }
  [[nodiscard]] double at(double value) const {
    const double place =
        is_logarithmic_ ? (std::log10(std::max(value, std::pow(10.0, low_))) - low_) / (high_ - low_) : value / high_;
    return kLabels + (kWidth - kLabels - kRight) * std::clamp(place, 0.0, 1.0);
  }
  [[nodiscard]] bool shows(double value) const { return value <= ticks_.back() && value >= ticks_.front(); }

 private:
  double top_ = 0.0;
  bool is_logarithmic_ = false;
  double low_ = 0.0;
  double high_ = 1.0;
  std::vector<double> ticks_;
};

void draw_bar(Svg& svg, const Bar& bar, const Scale& scale, double y) {
  const double middle = y + kBarHeight / 2.0;
  svg.text(kLabels - 10.0, middle + 4.5, shortened(bar.label, kLabelLength), "end");
  const double end = scale.at(bar.value.median);
  const std::string tip = bar.label + ", " + bar.group + ": " + spread_text(bar.value) + " × the video's length";
  svg.rect(kLabels, y, std::max(1.5, end - kLabels), kBarHeight, series_colour(bar.colour), tip, 3.0,
           bar.is_doubtful ? "doubtful" : "");
  double labelled = end;
  if (bar.value.count > 1) {
    const double low = scale.at(bar.value.min);
    const double high = scale.at(bar.value.max);
    svg.line(low, middle, high, middle, "var(--text)", 1.5);
    for (const double x : {low, high}) svg.line(x, middle - 4.0, x, middle + 4.0, "var(--text)", 1.5);
    labelled = std::max(end, high);
  }
  const std::string figure = number_text(bar.value.median);
  svg.text(labelled + 8.0, middle + 4.5, figure, "start", "figure");
  if (bar.note.empty()) return;
  const double behind = labelled + 16.0 + kFigureWidth * static_cast<double>(figure.size());
  svg.text(behind, middle + 4.5, shortened(bar.note, 20), "start", "soft");
}

}  // namespace

Plot rtf_plot(const std::vector<Bar>& bars) {
  const Scale scale(bars);
  double height = 14.0;
  std::string group;
  for (const Bar& bar : bars) {
    height += kRowHeight + (bar.group != group ? kGroupHeight : 0.0);
    group = bar.group;
  }
  Svg svg(kWidth, height + 34.0, "Real-time factors of stage 1 and of every captioner, by video");
  for (const double tick : scale.ticks()) {
    svg.line(scale.at(tick), 8.0, scale.at(tick), height, "var(--line)");
    svg.text(scale.at(tick), height + 16.0, tick_text(tick), "middle", "soft");
  }
  if (scale.shows(1.0)) {
    svg.line(scale.at(1.0), 8.0, scale.at(1.0), height, "var(--mark)", 1.5, "dashed");
    svg.text(scale.at(1.0), height + 30.0, "real time", "middle", "mark");
  }
  double y = 10.0;
  group.clear();
  for (const Bar& bar : bars) {
    if (bar.group != group) {
      svg.text(0.0, y + 19.0, shortened(bar.group, 80), "start", "strong");
      y += kGroupHeight;
      group = bar.group;
    }
    draw_bar(svg, bar, scale, y);
    y += kRowHeight;
  }
  Plot plot;
  plot.title = std::string("Real-time factor: time over the length of the video, shorter is faster") +
               (scale.is_logarithmic() ? " (logarithmic)" : "");
  plot.svg = svg.str();
  plot.legend =
      "<span class=\"soft\">bars: medians; whiskers: fastest and slowest repeat; pale bars: anomalous, or of the "
      "first scenes alone</span>";
  return plot;
}

Plot phase_plot(const std::string& title, const std::vector<std::string>& names, const std::vector<PhaseBar>& bars) {
  double top = 0.0;
  for (const PhaseBar& bar : bars) {
    double sum = 0.0;
    for (const double seconds : bar.seconds) sum += seconds;
    top = std::max(top, sum);
  }
  const double height = 10.0 + kRowHeight * static_cast<double>(bars.size());
  Svg svg(kWidth, height + 34.0, "Seconds of each captioner by phase");
  const std::vector<double> ticks = round_ticks(top);
  const Axis axis{kLabels, kWidth - kRight, ticks.back()};
  for (const double tick : ticks) {
    svg.line(axis.at(tick), 8.0, axis.at(tick), height, "var(--line)");
    svg.text(axis.at(tick), height + 16.0, tick_text(tick) + " s", "middle", "soft");
  }
  double y = 10.0;
  for (const PhaseBar& bar : bars) {
    svg.text(kLabels - 10.0, y + kBarHeight / 2.0 + 4.5, shortened(bar.label, kLabelLength), "end");
    double done = 0.0;
    for (std::size_t i = 0; i < bar.seconds.size(); ++i) {
      svg.rect(axis.at(done), y, axis.at(done + bar.seconds[i]) - axis.at(done), kBarHeight, series_colour(i),
               bar.label + ", " + names[i] + ": " + seconds_text(bar.seconds[i]));
      done += bar.seconds[i];
    }
    svg.text(axis.at(done) + 8.0, y + kBarHeight / 2.0 + 4.5, seconds_text(done), "start", "figure");
    y += kRowHeight;
  }
  return {title, svg.str(), legend(names)};
}

std::string legend(const std::vector<std::string>& names) {
  std::string html;
  for (std::size_t i = 0; i < names.size(); ++i) {
    html += "<span class=\"key\"><i style=\"background:" + series_colour(i) + "\"></i>" +
            results::escaped_markup(names[i]) + "</span> ";
  }
  return html;
}

}  // namespace cinescribe::bench
