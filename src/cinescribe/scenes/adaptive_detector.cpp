#include "cinescribe/scenes/adaptive_detector.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cinescribe::scenes {
namespace {

constexpr double kLargestRatio = 255.0;
constexpr double kZeroMean = 1e-5;

}  // namespace

AdaptiveDetector::AdaptiveDetector(const AdaptiveOptions& options, MinLength min_length, int frame_skip,
                                   const FrameClock& clock)
    : options_(options),
      min_length_(min_length.resolved(clock)),
      intake_(clock, frame_skip),
      scorer_(options.score),
      lookback_(static_cast<std::int64_t>(options.window_frames) * (frame_skip + 1)),
      ratio_name_(
          std::string(options.score.weights == ContentWeights::luma_only() ? "adaptive_ratio_lum" : "adaptive_ratio") +
          "_w" + std::to_string(options.window_frames)) {
  std::copy(kContentMetricNames.begin(), kContentMetricNames.end(), names_.begin());
  names_.back() = ratio_name_;
  metrics_.fill(std::numeric_limits<double>::quiet_NaN());
}

double AdaptiveDetector::ratio() const {
  const auto middle = static_cast<std::size_t>(options_.window_frames);
  double sum = 0.0;
  for (std::size_t i = 0; i < window_.size(); ++i) {
    if (i != middle) sum += window_[i].score;
  }
  const double mean = sum / (2.0 * options_.window_frames);
  const double score = window_[middle].score;
  if (std::abs(mean) >= kZeroMean) return std::min(score / mean, kLargestRatio);
  return score >= options_.min_content_score ? kLargestRatio : 0.0;
}

Status AdaptiveDetector::push(const VideoFrame& frame, std::vector<Cut>& cuts) {
  metrics_.fill(std::numeric_limits<double>::quiet_NaN());
  CINESCRIBE_ASSIGN(const WorkingPicture* picture, intake_.take(frame));
  if (picture == nullptr) return {};
  const std::optional<ContentDifference> difference = scorer_.push(*picture);
  const std::array<double, 5> values = content_metrics(difference);
  std::copy(values.begin(), values.end(), metrics_.begin());

  if (!last_cut_) last_cut_ = frame.time;
  window_.push_back({frame.time, difference ? difference->score : 0.0});
  const auto window_size = 2 * static_cast<std::size_t>(options_.window_frames) + 1;
  if (window_.size() < window_size) return {};
  if (window_.size() > window_size) window_.pop_front();
  const Scored& target = window_[static_cast<std::size_t>(options_.window_frames)];
  metrics_.back() = ratio();
  if (metrics_.back() >= options_.threshold && target.score >= options_.min_content_score &&
      min_length_.is_met(*last_cut_, target.time, intake_.clock())) {
    last_cut_ = target.time;
    cuts.push_back({intake_.clock().frame_number(target.time), target.time});
  }
  return {};
}

void AdaptiveDetector::flush(std::vector<Cut>&) {}

Timestamp AdaptiveDetector::settled_until() const {
  // The next frame to be judged comes after the middle of the window.
  const auto middle = static_cast<std::size_t>(options_.window_frames);
  if (window_.empty()) return {};
  return window_.size() > 2 * middle ? window_[middle].time : window_.front().time;
}

std::int64_t AdaptiveDetector::metric_lag(std::size_t metric) const {
  return metric + 1 == metrics_.size() ? options_.window_frames : 0;
}

}  // namespace cinescribe::scenes
