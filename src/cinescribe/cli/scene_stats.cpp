#include "cinescribe/cli/scene_stats.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>
#include <utility>

namespace cinescribe::cli {

SceneStats::SceneStats(AtomicFile file, const scenes::SceneDetector& detector)
    : file_(std::move(file)), detector_(&detector) {
  for (std::size_t i = 0; i < detector.metric_names().size(); ++i) {
    lags_.push_back(static_cast<std::size_t>(detector.metric_lag(i)));
    longest_lag_ = std::max(longest_lag_, lags_.back());
  }
}

Result<SceneStats> SceneStats::create(const std::filesystem::path& path, const scenes::SceneDetector& detector) {
  CINESCRIBE_ASSIGN(AtomicFile file, AtomicFile::create(path));
  std::string header = "index,frame_num,seconds";
  for (const std::string_view name : detector.metric_names()) header += "," + std::string(name);
  CINESCRIBE_TRY(file.write(header + "\n"));
  return SceneStats(std::move(file), detector);
}

Status SceneStats::add(std::int64_t index, std::int64_t frame_number, Timestamp time) {
  const auto metrics = detector_->metrics();
  waiting_.push_back(
      {index, frame_number, time, std::vector<double>(metrics.size(), std::numeric_limits<double>::quiet_NaN())});
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    if (lags_[i] < waiting_.size()) waiting_[waiting_.size() - 1 - lags_[i]].metrics[i] = metrics[i];
  }
  return waiting_.size() > longest_lag_ ? write_first() : Status();
}

Status SceneStats::write_first() {
  const Row& row = waiting_.front();
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), "%lld,%lld,%.6f", static_cast<long long>(row.index),
                static_cast<long long>(row.frame_number), row.time.seconds());
  std::string line = text.data();
  for (const double value : row.metrics) {
    text[0] = '\0';
    if (!std::isnan(value)) std::snprintf(text.data(), text.size(), "%.6f", value);
    line += std::string(",") + text.data();
  }
  waiting_.pop_front();
  return file_.write(line + "\n");
}

Status SceneStats::finish() {
  while (!waiting_.empty()) CINESCRIBE_TRY(write_first());
  return file_.commit();
}

}  // namespace cinescribe::cli
