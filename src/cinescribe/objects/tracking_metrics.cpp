#include "cinescribe/objects/tracking_metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "cinescribe/objects/linear_assignment.h"

namespace cinescribe::objects {

namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
constexpr double kOverlapThreshold = 0.5;
constexpr std::size_t kMaxBoxesPerFrame = 5000;
constexpr std::size_t kMaxIdPairs = 25'000'000;

/// One frame with ids renumbered from 0.
struct Frame {
  std::vector<std::size_t> gt_ids;
  std::vector<std::size_t> result_ids;
  std::vector<MotRow> gt_boxes;
  std::vector<MotRow> result_boxes;

  /// Overlaps, ground truth × result; computed on demand so that long sequences stay small in memory.
  [[nodiscard]] std::vector<double> similarities() const;
};

struct Sequence {
  std::map<std::int64_t, Frame> frames;
  std::vector<std::int64_t> gt_counts;  ///< Boxes per id.
  std::vector<std::int64_t> result_counts;
};

double box_overlap(const MotRow& a, const MotRow& b) {
  const double width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const double height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  const double area_a = a.width * a.height;
  const double area_b = b.width * b.height;
  if (!(area_a > kEpsilon) || !(area_b > kEpsilon) || a.width < 0.0 || b.width < 0.0) return 0.0;
  const double intersection = std::max(width, 0.0) * std::max(height, 0.0);
  return intersection / (area_a + area_b - intersection);
}

std::vector<double> Frame::similarities() const {
  std::vector<double> result;
  result.reserve(gt_boxes.size() * result_boxes.size());
  for (const auto& gt : gt_boxes) {
    for (const auto& box : result_boxes) result.push_back(box_overlap(gt, box));
  }
  return result;
}

Status add_rows(std::span<const MotRow> rows, bool is_gt, Sequence& sequence) {
  std::unordered_map<std::int64_t, std::size_t> ids;
  auto& counts = is_gt ? sequence.gt_counts : sequence.result_counts;
  const std::string which = is_gt ? "the ground truth" : "the result";
  for (const auto& row : rows) {
    if (is_gt && row.score == 0.0) continue;
    Frame& frame = sequence.frames[row.frame];
    auto& boxes = is_gt ? frame.gt_boxes : frame.result_boxes;
    if (boxes.size() == kMaxBoxesPerFrame) {
      return Error{ErrorCode::kInput, "cannot evaluate: frame " + std::to_string(row.frame) + " of " + which +
                                          " has more than 5000 boxes"};
    }
    const std::size_t id = ids.try_emplace(row.id, ids.size()).first->second;
    (is_gt ? frame.gt_ids : frame.result_ids).push_back(id);
    boxes.push_back(row);
    if (id == counts.size()) counts.push_back(0);
    ++counts[id];
  }
  for (const auto& [number, frame] : sequence.frames) {
    auto sorted = is_gt ? frame.gt_ids : frame.result_ids;
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
      return Error{ErrorCode::kInput, "cannot evaluate: frame " + std::to_string(number) + " of " + which +
                                          " has the same id on two boxes; ids must be unique within a frame"};
    }
  }
  return {};
}

/// Matching that maximises the sum of `scores`; pairs without a score stay alone.
Assignment assign_best(std::vector<double> scores, std::size_t rows, std::size_t columns) {
  for (auto& score : scores) score = -score;
  return assign_below(scores, rows, columns, 0.0);
}

/// Values per (ground-truth id, result id), kept only where the two ever meet.
class PairTable {
 public:
  explicit PairTable(std::size_t columns) : columns_(columns) {}
  double& at(std::size_t gt, std::size_t result) { return values_[gt * columns_ + result]; }
  [[nodiscard]] double get(std::size_t gt, std::size_t result) const {
    const auto found = values_.find(gt * columns_ + result);
    return found == values_.end() ? 0.0 : found->second;
  }
  [[nodiscard]] const std::unordered_map<std::size_t, double>& values() const { return values_; }
  [[nodiscard]] std::size_t columns() const { return columns_; }

 private:
  std::size_t columns_;
  std::unordered_map<std::size_t, double> values_;
};

void hota(const Sequence& sequence, TrackingMetrics& metrics) {
  const std::size_t columns = sequence.result_counts.size();
  PairTable potential(columns);
  for (const auto& [number, frame] : sequence.frames) {
    const auto similarity = frame.similarities();
    const std::size_t m = frame.result_ids.size();
    std::vector<double> row_sum(frame.gt_ids.size(), 0.0);
    std::vector<double> column_sum(m, 0.0);
    for (std::size_t i = 0; i < frame.gt_ids.size(); ++i) {
      for (std::size_t j = 0; j < m; ++j) row_sum[i] += similarity[i * m + j], column_sum[j] += similarity[i * m + j];
    }
    for (std::size_t i = 0; i < frame.gt_ids.size(); ++i) {
      for (std::size_t j = 0; j < m; ++j) {
        const double s = similarity[i * m + j];
        const double divisor = row_sum[i] + column_sum[j] - s;
        if (s > 0.0 && divisor > kEpsilon) potential.at(frame.gt_ids[i], frame.result_ids[j]) += s / divisor;
      }
    }
  }
  const auto count = [](std::int64_t n) { return static_cast<double>(n); };
  std::array<double, TrackingMetrics::kAlphas> tp{};
  std::array<double, TrackingMetrics::kAlphas> similarity_sum{};
  std::vector<PairTable> matches(TrackingMetrics::kAlphas, PairTable(columns));
  for (const auto& [number, frame] : sequence.frames) {
    const std::size_t m = frame.result_ids.size();
    if (frame.gt_ids.empty() || m == 0) continue;
    const auto similarity = frame.similarities();
    auto score = similarity;
    for (std::size_t i = 0; i < frame.gt_ids.size(); ++i) {
      for (std::size_t j = 0; j < m; ++j) {
        const double p = potential.get(frame.gt_ids[i], frame.result_ids[j]);
        score[i * m + j] *=
            p / (count(sequence.gt_counts[frame.gt_ids[i]]) + count(sequence.result_counts[frame.result_ids[j]]) - p);
      }
    }
    const auto assignment = assign_best(std::move(score), frame.gt_ids.size(), m);
    for (std::size_t i = 0; i < frame.gt_ids.size(); ++i) {
      if (assignment.row_to_column[i] < 0) continue;
      const auto j = static_cast<std::size_t>(assignment.row_to_column[i]);
      const double s = similarity[i * m + j];
      for (std::size_t a = 0; a < TrackingMetrics::kAlphas; ++a) {
        if (s < 0.05 * static_cast<double>(a + 1) - kEpsilon) break;
        tp[a] += 1.0;
        similarity_sum[a] += s;
        matches[a].at(frame.gt_ids[i], frame.result_ids[j]) += 1.0;
      }
    }
  }
  for (std::size_t a = 0; a < TrackingMetrics::kAlphas; ++a) {
    const double fn = count(metrics.gt_boxes) - tp[a];
    const double fp = count(metrics.result_boxes) - tp[a];
    double assa = 0.0;
    double assre = 0.0;
    double asspr = 0.0;
    for (const auto& [pair, n] : matches[a].values()) {
      const double gt = count(sequence.gt_counts[pair / columns]);
      const double result = count(sequence.result_counts[pair % columns]);
      assa += n * n / std::max(1.0, gt + result - n);
      assre += n * n / std::max(1.0, gt);
      asspr += n * n / std::max(1.0, result);
    }
    const double divisor = std::max(1.0, tp[a]);
    const double deta = tp[a] / std::max(1.0, tp[a] + fn + fp);
    metrics.hota_alpha[a] = std::sqrt(deta * assa / divisor);
    constexpr double kShare = 1.0 / static_cast<double>(TrackingMetrics::kAlphas);
    metrics.hota += kShare * metrics.hota_alpha[a];
    metrics.deta += kShare * deta;
    metrics.assa += kShare * assa / divisor;
    metrics.assre += kShare * assre / divisor;
    metrics.asspr += kShare * asspr / divisor;
    metrics.detre += kShare * tp[a] / std::max(1.0, tp[a] + fn);
    metrics.detpr += kShare * tp[a] / std::max(1.0, tp[a] + fp);
    metrics.loca += kShare * std::max(1e-10, similarity_sum[a]) / std::max(1e-10, tp[a]);
  }
}

void clear(const Sequence& sequence, TrackingMetrics& metrics) {
  const std::size_t ids = sequence.gt_counts.size();
  std::vector<std::optional<std::size_t>> partner(ids);           // in the last frame with a match
  std::vector<std::optional<std::size_t>> previous_partner(ids);  // in the frame before
  std::vector<std::int64_t> matched(ids, 0);
  std::vector<std::int64_t> starts(ids, 0);
  double similarity_sum = 0.0;
  for (const auto& [number, frame] : sequence.frames) {
    const std::size_t n = frame.gt_ids.size();
    const std::size_t m = frame.result_ids.size();
    if (n == 0 || m == 0) {  // Such a frame does not end the matches before it (a habit of the reference).
      metrics.clr_fp += static_cast<std::int64_t>(m);
      metrics.clr_fn += static_cast<std::int64_t>(n);
      continue;
    }
    const auto similarity = frame.similarities();
    std::vector<double> score(similarity.size(), 0.0);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < m; ++j) {
        if (similarity[i * m + j] < kOverlapThreshold - kEpsilon) continue;
        const bool goes_on = previous_partner[frame.gt_ids[i]] == frame.result_ids[j];
        score[i * m + j] = (goes_on ? 1000.0 : 0.0) + similarity[i * m + j];
      }
    }
    const auto assignment = assign_best(std::move(score), n, m);
    const auto before = previous_partner;
    std::fill(previous_partner.begin(), previous_partner.end(), std::nullopt);
    std::int64_t matches = 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (assignment.row_to_column[i] < 0) continue;
      const auto j = static_cast<std::size_t>(assignment.row_to_column[i]);
      const std::size_t gt = frame.gt_ids[i];
      if (partner[gt].has_value() && partner[gt] != frame.result_ids[j]) ++metrics.id_switches;
      if (!before[gt].has_value()) ++starts[gt];
      partner[gt] = previous_partner[gt] = frame.result_ids[j];
      ++matched[gt];
      ++matches;
      similarity_sum += similarity[i * m + j];
    }
    metrics.clr_tp += matches;
    metrics.clr_fn += static_cast<std::int64_t>(n) - matches;
    metrics.clr_fp += static_cast<std::int64_t>(m) - matches;
  }
  for (std::size_t id = 0; id < ids; ++id) {
    const double ratio = static_cast<double>(matched[id]) / static_cast<double>(sequence.gt_counts[id]);
    ++(ratio > 0.8 ? metrics.mostly_tracked : ratio >= 0.2 ? metrics.partly_tracked : metrics.mostly_lost);
    if (starts[id] > 0) metrics.fragmentations += starts[id] - 1;
  }
  const double gt = std::max(1.0, static_cast<double>(metrics.clr_tp + metrics.clr_fn));
  const auto errors = static_cast<double>(metrics.clr_fp + metrics.id_switches);
  metrics.mota = (static_cast<double>(metrics.clr_tp) - errors) / gt;
  metrics.smota = (similarity_sum - errors) / gt;
  metrics.motp = similarity_sum / std::max(1.0, static_cast<double>(metrics.clr_tp));
}

void identity(const Sequence& sequence, TrackingMetrics& metrics) {
  const std::size_t rows = sequence.gt_counts.size();
  const std::size_t columns = sequence.result_counts.size();
  std::vector<double> together(rows * columns, 0.0);
  for (const auto& [number, frame] : sequence.frames) {
    const auto similarity = frame.similarities();
    const std::size_t m = frame.result_ids.size();
    for (std::size_t i = 0; i < frame.gt_ids.size(); ++i) {
      for (std::size_t j = 0; j < m; ++j) {
        if (similarity[i * m + j] >= kOverlapThreshold) together[frame.gt_ids[i] * columns + frame.result_ids[j]] += 1;
      }
    }
  }
  const auto assignment = assign_best(together, rows, columns);
  for (std::size_t i = 0; i < rows; ++i) {
    const int j = assignment.row_to_column[i];
    if (j >= 0) metrics.idtp += std::llround(together[i * columns + static_cast<std::size_t>(j)]);
  }
  metrics.idfn = metrics.gt_boxes - metrics.idtp;
  metrics.idfp = metrics.result_boxes - metrics.idtp;
  const auto ratio = [&](std::int64_t of) {
    return static_cast<double>(metrics.idtp) / std::max(1.0, static_cast<double>(of));
  };
  metrics.idr = ratio(metrics.gt_boxes);
  metrics.idp = ratio(metrics.result_boxes);
  metrics.idf1 = 2.0 * static_cast<double>(metrics.idtp) /
                 std::max(1.0, static_cast<double>(metrics.gt_boxes + metrics.result_boxes));
}

}  // namespace

Result<TrackingMetrics> evaluate_tracks(std::span<const MotRow> ground_truth, std::span<const MotRow> result) {
  Sequence sequence;
  CINESCRIBE_TRY(add_rows(ground_truth, true, sequence));
  CINESCRIBE_TRY(add_rows(result, false, sequence));
  if (sequence.gt_counts.size() * sequence.result_counts.size() > kMaxIdPairs) {
    return Error{ErrorCode::kInput, "cannot evaluate: " + std::to_string(sequence.gt_counts.size()) + " × " +
                                        std::to_string(sequence.result_counts.size()) +
                                        " ids are too many to compare; split the sequence"};
  }
  TrackingMetrics metrics;
  metrics.gt_ids = static_cast<std::int64_t>(sequence.gt_counts.size());
  metrics.result_ids = static_cast<std::int64_t>(sequence.result_counts.size());
  for (const auto n : sequence.gt_counts) metrics.gt_boxes += n;
  for (const auto n : sequence.result_counts) metrics.result_boxes += n;
  hota(sequence, metrics);
  clear(sequence, metrics);
  identity(sequence, metrics);
  return metrics;
}

}  // namespace cinescribe::objects
