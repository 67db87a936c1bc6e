#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <vector>

#include "cinescribe/core/atomic_file.h"
#include "cinescribe/core/status.h"
#include "cinescribe/scenes/scene_detector.h"

namespace cinescribe::cli {

/// Writes what a detector measured on every frame as CSV: index (of the decoded frame), frame_num, seconds, then the
/// detector's metrics; empty where there is no number. A metric that looks ahead waits until it is known.
class SceneStats {
 public:
  /// `detector` must outlive this. Errors: kResource.
  static Result<SceneStats> create(const std::filesystem::path& path, const scenes::SceneDetector& detector);

  /// Takes the metrics of the frame that was just pushed. Errors: kResource.
  Status add(std::int64_t index, std::int64_t frame_number, Timestamp time);
  /// Writes the rest and makes the file visible. Errors: kResource.
  Status finish();

 private:
  struct Row {
    std::int64_t index = 0;
    std::int64_t frame_number = 0;
    Timestamp time;
    std::vector<double> metrics;
  };
  SceneStats(AtomicFile file, const scenes::SceneDetector& detector);
  Status write_first();

  AtomicFile file_;
  const scenes::SceneDetector* detector_;
  std::vector<std::size_t> lags_;
  std::size_t longest_lag_ = 0;
  std::deque<Row> waiting_;
};

}  // namespace cinescribe::cli
