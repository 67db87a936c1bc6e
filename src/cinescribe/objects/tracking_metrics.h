#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "cinescribe/core/status.h"
#include "cinescribe/objects/mot_file.h"

namespace cinescribe::objects {

/// How well a tracking result agrees with a ground truth. Scores are fractions (1 = perfect), counts are whole.
struct TrackingMetrics {
  static constexpr std::size_t kAlphas = 19;  ///< Overlap thresholds 0.05, 0.10, ... 0.95.

  // HOTA family: means over the thresholds.
  double hota = 0.0;
  double deta = 0.0;
  double assa = 0.0;
  double detre = 0.0;
  double detpr = 0.0;
  double assre = 0.0;
  double asspr = 0.0;
  double loca = 0.0;
  std::array<double, kAlphas> hota_alpha{};
  // CLEAR at overlap 0.5.
  double mota = 0.0;
  double motp = 0.0;
  double smota = 0.0;
  std::int64_t clr_tp = 0;
  std::int64_t clr_fn = 0;
  std::int64_t clr_fp = 0;
  std::int64_t id_switches = 0;
  std::int64_t mostly_tracked = 0;
  std::int64_t partly_tracked = 0;
  std::int64_t mostly_lost = 0;
  std::int64_t fragmentations = 0;
  // Identity at overlap 0.5.
  double idf1 = 0.0;
  double idr = 0.0;
  double idp = 0.0;
  std::int64_t idtp = 0;
  std::int64_t idfn = 0;
  std::int64_t idfp = 0;
  // Sizes.
  std::int64_t gt_boxes = 0;
  std::int64_t gt_ids = 0;
  std::int64_t result_boxes = 0;
  std::int64_t result_ids = 0;
};

/// Computes HOTA, CLEAR and identity metrics of one sequence as TrackEval does. Classes are not looked at. Ground-truth
/// rows with a score of 0 are left out. Errors: kInput when an id occurs twice in one frame, or there is too much to
/// compare (more than 5000 boxes in a frame, more than 25 million pairs of ids).
/// @source Luiten et al., "HOTA" (IJCV 2021); Bernardin, Stiefelhagen (2008); Ristani et al. (2016); TrackEval 1.3
Result<TrackingMetrics> evaluate_tracks(std::span<const MotRow> ground_truth, std::span<const MotRow> result);

}  // namespace cinescribe::objects
