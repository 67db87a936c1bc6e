#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cinescribe/core/time.h"

namespace cinescribe::quality {

struct LabelledSpan {
  TimeRange range;
  std::string label;
};

struct ScoredTag {
  std::string label;
  double score = 0.0;
};

/// A stretch of time with the tags found in it; a label that is not among them has a score of 0.
struct ScoredWindow {
  TimeRange range;
  std::vector<ScoredTag> tags;
};

/// One thing that may or may not be true, and how sure the result is that it is.
struct ScoredTruth {
  double score = 0.0;
  bool is_true = false;
};

/// Area under the curve of precision over recall: the sum of precision times the growth of recall, over all thresholds
/// from high to low; equal scores fall together. 0 when nothing is true.
/// @source the definition of scikit-learn's average_precision_score.
double average_precision(std::vector<ScoredTruth> items);

struct LabelPrecision {
  std::string label;
  std::int64_t positives = 0;  ///< Windows in which it is truly heard.
  double average_precision = 0.0;
  bool is_ever_reported = false;
};

struct TagPrecision {
  double mean_average_precision = 0.0;  ///< Over labels with at least one positive window.
  /// What scores without knowledge would get: the mean share of positive windows.
  double chance = 0.0;
  std::int64_t windows = 0;
  std::vector<LabelPrecision> labels;  ///< By name.
};

/// Mean average precision of tagged windows. A window is positive for a label when spans of it cover at least half of
/// the window, or when one whole span lies at least half inside it.
TagPrecision tag_precision(std::span<const LabelledSpan> reference, std::span<const ScoredWindow> result);

}  // namespace cinescribe::quality
