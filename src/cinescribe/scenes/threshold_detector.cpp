#include "cinescribe/scenes/threshold_detector.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cinescribe/scenes/kernels.h"

namespace cinescribe::scenes {
namespace {

constexpr std::array<std::string_view, 1> kNames = {"average_rgb"};

double mean_of(const WorkingPicture& picture) {
  const std::size_t count = picture.pixel_count();
  const auto& sum = kernels().sum;
  const std::uint64_t total =
      sum(count, picture.blue.data()) + sum(count, picture.green.data()) + sum(count, picture.red.data());
  return static_cast<double>(total) / static_cast<double>(3 * count);
}

}  // namespace

ThresholdDetector::ThresholdDetector(const ThresholdOptions& options, MinLength min_length, int frame_skip,
                                     const FrameClock& clock)
    : options_(options),
      min_length_(min_length.resolved(clock)),
      min_out_length_(options.min_out_length.resolved(clock)),
      intake_(clock, frame_skip),
      threshold_(std::trunc(options.threshold)),
      metrics_{std::numeric_limits<double>::quiet_NaN()} {}

std::span<const std::string_view> ThresholdDetector::metric_names() const { return kNames; }

bool ThresholdDetector::is_faded_out(double mean) const {
  return options_.method == ThresholdOptions::Method::kFloor ? mean < threshold_ : mean >= threshold_;
}

Status ThresholdDetector::push(const VideoFrame& frame, std::vector<Cut>& cuts) {
  metrics_[0] = std::numeric_limits<double>::quiet_NaN();
  CINESCRIBE_ASSIGN(const WorkingPicture* picture, intake_.take(frame));
  if (picture == nullptr) return {};
  newest_ = frame.time;
  metrics_[0] = mean_of(*picture);
  const bool is_out = is_faded_out(metrics_[0]);
  if (!last_cut_) {
    last_cut_ = frame.time;
    last_fade_ = frame.time;
  } else if (is_out && !is_out_) {
    last_fade_ = frame.time;
  } else if (!is_out && is_out_) {
    fade_in(frame.time, cuts);
    last_fade_ = frame.time;
  }
  is_out_ = is_out;
  return {};
}

void ThresholdDetector::fade_in(Timestamp time, std::vector<Cut>& cuts) {
  const FrameClock& clock = intake_.clock();
  if (!min_length_.is_met(*last_cut_, time, clock) || !min_out_length_.is_met(last_fade_, time, clock)) return;
  const std::int64_t out_frame = clock.frame_number(last_fade_);
  const auto length = static_cast<double>(clock.frame_number(time) - out_frame);
  const std::int64_t frame =
      out_frame + static_cast<std::int64_t>(std::nearbyint(length * (1.0 + options_.fade_bias) / 2.0));
  cuts.push_back({frame, clock.time_of(frame)});
  last_cut_ = time;  // the fade-in, not the cut: the next scene is measured from here
}

Timestamp ThresholdDetector::settled_until() const {
  // The cut of an open fade may lie at its beginning, and times are counted in whole frames of the nominal rate.
  const Duration frame = intake_.clock().time_of(1) - Timestamp();
  return std::max(Timestamp(), (is_out_ ? last_fade_ : newest_) - frame);
}

void ThresholdDetector::flush(std::vector<Cut>& cuts) {
  if (!last_cut_ || !is_out_ || !options_.add_final_scene) return;
  const FrameClock& clock = intake_.clock();
  const Timestamp last = intake_.last_position();
  const Timestamp end = last + (clock.time_of(1) - Timestamp());
  if (!min_length_.is_met(*last_cut_, last, clock) || !min_out_length_.is_met(last_fade_, end, clock)) return;
  cuts.push_back({clock.frame_number(last_fade_), last_fade_});
}

}  // namespace cinescribe::scenes
