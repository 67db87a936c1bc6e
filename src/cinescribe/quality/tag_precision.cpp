#include "cinescribe/quality/tag_precision.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

namespace cinescribe::quality {

namespace {

std::int64_t overlap_ns(const TimeRange& a, const TimeRange& b) {
  return std::max<std::int64_t>(0, (std::min(a.end, b.end) - std::max(a.start, b.start)).ns());
}

/// Spans of one label, by start; may overlap.
using Spans = std::vector<TimeRange>;

bool is_heard_in(const TimeRange& window, const Spans& spans) {
  std::int64_t covered = 0;
  Timestamp covered_to = window.start;
  for (const TimeRange& span : spans) {
    if (span.start >= window.end) break;
    const std::int64_t inside = overlap_ns(window, span);
    if (inside > 0 && 2 * inside >= span.length().ns()) return true;
    const TimeRange news = {std::max(span.start, covered_to), span.end};
    covered += news.end > news.start ? overlap_ns(window, news) : 0;
    covered_to = std::max(covered_to, span.end);
  }
  return covered > 0 && 2 * covered >= window.length().ns();
}

double score_in(const ScoredWindow& window, const std::string& label) {
  const auto found =
      std::find_if(window.tags.begin(), window.tags.end(), [&](const ScoredTag& tag) { return tag.label == label; });
  return found == window.tags.end() ? 0.0 : found->score;
}

}  // namespace

double average_precision(std::vector<ScoredTruth> items) {
  std::stable_sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  const auto positives =
      static_cast<double>(std::count_if(items.begin(), items.end(), [](const auto& item) { return item.is_true; }));
  if (positives == 0.0) return 0.0;
  double area = 0.0;
  double hits = 0.0;
  double recall = 0.0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    hits += items[i].is_true ? 1.0 : 0.0;
    if (i + 1 < items.size() && items[i + 1].score == items[i].score) continue;  // a threshold takes both or none
    const double new_recall = hits / positives;
    area += (new_recall - recall) * hits / static_cast<double>(i + 1);
    recall = new_recall;
  }
  return area;
}

TagPrecision tag_precision(std::span<const LabelledSpan> reference, std::span<const ScoredWindow> result) {
  std::map<std::string, Spans> by_label;
  for (const LabelledSpan& span : reference) by_label[span.label].push_back(span.range);
  TagPrecision precision;
  precision.windows = static_cast<std::int64_t>(result.size());
  for (auto& [label, spans] : by_label) {
    std::sort(spans.begin(), spans.end(), [](const TimeRange& a, const TimeRange& b) { return a.start < b.start; });
    LabelPrecision entry;
    entry.label = label;
    std::vector<ScoredTruth> windows;
    for (const ScoredWindow& window : result) {
      windows.push_back({score_in(window, label), is_heard_in(window.range, spans)});
      entry.positives += windows.back().is_true ? 1 : 0;
      entry.is_ever_reported = entry.is_ever_reported || windows.back().score > 0.0;
    }
    if (entry.positives == 0) continue;
    entry.average_precision = average_precision(std::move(windows));
    precision.mean_average_precision += entry.average_precision;
    precision.chance += static_cast<double>(entry.positives) / static_cast<double>(result.size());
    precision.labels.push_back(std::move(entry));
  }
  if (!precision.labels.empty()) {
    precision.mean_average_precision /= static_cast<double>(precision.labels.size());
    precision.chance /= static_cast<double>(precision.labels.size());
  }
  return precision;
}

}  // namespace cinescribe::quality
