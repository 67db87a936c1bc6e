#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "cinescribe/core/status.h"
#include "cinescribe/scenes/detector_options.h"

namespace cinescribe::parity {

/// Options that repeat a stored run. Error: a detector or parameter this suite does not know, so that a new kind of run
/// cannot pass unnoticed.
Result<scenes::DetectorOptions> golden_options(const nlohmann::json& result);

/// Name of an extra run that computes the edge difference of every frame.
inline constexpr const char* kScoresWithEdges = "(scores with edges)";
scenes::DetectorOptions content_with_edges();

/// A column of the stored scores and the run and metric that must reproduce it.
struct GoldenColumn {
  std::string name;
  std::string run;
  std::size_t metric;
};
std::vector<GoldenColumn> golden_columns();

}  // namespace cinescribe::parity
