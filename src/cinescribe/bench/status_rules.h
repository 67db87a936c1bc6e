#pragma once

#include <string>
#include <vector>

#include "cinescribe/bench/measurements.h"
#include "cinescribe/bench/row_figures.h"

namespace cinescribe::bench {

enum class RowStatus {
  kStable,
  kPart,       ///< Of the first scenes of the video alone.
  kSingle,     ///< One repeat: nobody knows how far the next would be off.
  kAnomalous,  ///< Measured, but something about it must be known before it is believed.
  kFailed,     ///< No repeat ended well.
};

const char* status_name(RowStatus status);

struct Judgement {
  RowStatus status = RowStatus::kFailed;
  std::vector<std::string> reasons;  ///< Of the anomaly or failure, in words with figures.
};

/// Judges a row by the rules that `rules_in_words` tells. `peers_seconds_per_scene` are the medians of the same
/// captioner and settings over all videos, this one included.
Judgement judge(const Row& row, const RowFigures& figures, const std::vector<double>& peers_seconds_per_scene);

/// The rules as they stand on the page, one sentence each.
std::vector<std::string> rules_in_words();

}  // namespace cinescribe::bench
