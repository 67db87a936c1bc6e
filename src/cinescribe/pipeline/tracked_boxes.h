#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/pipeline/journal_state.h"
#include "cinescribe/results/records.h"

namespace cinescribe::pipeline {

/// Every tracked box of a finished video, from the journal beside its results: base_data.json keeps thinned paths only.
class TrackedBoxes {
 public:
  /// Errors: kInput (no journal, or one in which the stage "objects" is not finished).
  static Result<TrackedBoxes> open(const std::filesystem::path& video_folder);

  /// The class names of the detector, by class id.
  [[nodiscard]] const std::vector<std::string>& labels() const { return labels_; }
  /// The boxes of about a second; empty after the last.
  Result<std::optional<results::ObjectUnit>> next();

 private:
  TrackedBoxes(UnitCursor units, std::vector<std::string> labels)
      : units_(std::move(units)), labels_(std::move(labels)) {}

  UnitCursor units_;
  std::vector<std::string> labels_;
};

/// Path of the video that a folder's results were made from; empty when its journal does not tell.
std::string source_of(const std::filesystem::path& video_folder);

}  // namespace cinescribe::pipeline
