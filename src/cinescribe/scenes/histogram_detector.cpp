#include "cinescribe/scenes/histogram_detector.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cinescribe/scenes/luma_plane.h"

namespace cinescribe::scenes {
namespace {

/// OpenCV's compareHist with HISTCMP_CORREL: 1 for equal, -1 for opposite histograms.
double correlation(const std::vector<float>& a, const std::vector<float>& b) {
  double sum_a = 0.0;
  double sum_b = 0.0;
  double squares_a = 0.0;
  double squares_b = 0.0;
  double products = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = a[i];
    const double y = b[i];
    sum_a += x;
    sum_b += y;
    squares_a += x * x;
    squares_b += y * y;
    products += x * y;
  }
  const double scale = 1.0 / static_cast<double>(a.size());
  const double numerator = products - sum_a * sum_b * scale;
  const double denominator = (squares_a - sum_a * sum_a * scale) * (squares_b - sum_b * sum_b * scale);
  return std::abs(denominator) > std::numeric_limits<double>::epsilon() ? numerator / std::sqrt(denominator) : 1.0;
}

}  // namespace

HistogramDetector::HistogramDetector(const HistogramOptions& options, MinLength min_length, int frame_skip,
                                     const FrameClock& clock)
    : options_(options),
      highest_correlation_(std::clamp(1.0 - options.threshold, 0.0, 1.0)),
      min_length_(min_length.resolved(clock)),
      intake_(clock, frame_skip),
      name_("hist_corr_" + std::to_string(options.bins)),
      names_{name_},
      metrics_{std::numeric_limits<double>::quiet_NaN()} {}

std::vector<float> HistogramDetector::histogram_of(const WorkingPicture& picture) const {
  std::array<std::size_t, 256> counts{};
  for (const std::uint8_t value : yuv_luma(picture)) ++counts[value];
  std::vector<float> bins(static_cast<std::size_t>(options_.bins));
  for (std::size_t value = 0; value < counts.size(); ++value) {
    const auto bin = static_cast<std::size_t>(std::floor(static_cast<double>(value) * (options_.bins / 256.0)));
    bins[bin] += static_cast<float>(counts[value]);
  }
  double squares = 0.0;
  for (const float bin : bins) squares += static_cast<double>(bin) * static_cast<double>(bin);
  const auto scale = static_cast<float>(1.0 / std::sqrt(squares));
  for (float& bin : bins) bin *= scale;
  return bins;
}

Status HistogramDetector::push(const VideoFrame& frame, std::vector<Cut>& cuts) {
  metrics_[0] = std::numeric_limits<double>::quiet_NaN();
  CINESCRIBE_ASSIGN(const WorkingPicture* picture, intake_.take(frame));
  if (picture == nullptr) return {};
  newest_ = frame.time;
  if (!last_cut_) last_cut_ = frame.time;
  std::vector<float> histogram = histogram_of(*picture);
  if (!last_histogram_.empty()) {
    metrics_[0] = correlation(last_histogram_, histogram);
    if (metrics_[0] <= highest_correlation_ && min_length_.is_met(*last_cut_, frame.time, intake_.clock())) {
      last_cut_ = frame.time;
      cuts.push_back({intake_.clock().frame_number(frame.time), frame.time});
    }
  }
  last_histogram_ = std::move(histogram);
  return {};
}

void HistogramDetector::flush(std::vector<Cut>&) {}

}  // namespace cinescribe::scenes
