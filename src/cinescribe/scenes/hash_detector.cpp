#include "cinescribe/scenes/hash_detector.h"

#include <algorithm>
#include <limits>

#include "cinescribe/image/resize_opencv.h"
#include "cinescribe/scenes/cosine_transform.h"
#include "cinescribe/scenes/luma_plane.h"

namespace cinescribe::scenes {

std::vector<bool> perceptual_hash(const Image& gray, int size, int lowpass) {
  const int side = size * lowpass;
  const Image small = image::resize_opencv_area(gray, side, side);
  const int highest = std::max<int>(1, *std::max_element(small.pixels.begin(), small.pixels.end()));
  std::vector<float> values(small.pixels.size());
  std::transform(small.pixels.begin(), small.pixels.end(), values.begin(),
                 [&](std::uint8_t value) { return static_cast<float>(value) / static_cast<float>(highest); });
  const std::vector<float> low = low_frequencies(values, side, size);
  std::vector<float> sorted = low;
  std::sort(sorted.begin(), sorted.end());
  const std::size_t middle = sorted.size() / 2;
  const float median = sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2.0F;
  std::vector<bool> bits(low.size());
  std::transform(low.begin(), low.end(), bits.begin(), [&](float value) { return value > median; });
  return bits;
}

HashDetector::HashDetector(const HashOptions& options, MinLength min_length, int frame_skip, const FrameClock& clock)
    : options_(options),
      min_length_(min_length.resolved(clock)),
      intake_(clock, frame_skip),
      name_("hash_dist_" + std::to_string(options.size) + "_" + std::to_string(options.lowpass)),
      names_{name_},
      metrics_{std::numeric_limits<double>::quiet_NaN()} {}

Status HashDetector::push(const VideoFrame& frame, std::vector<Cut>& cuts) {
  metrics_[0] = std::numeric_limits<double>::quiet_NaN();
  CINESCRIBE_ASSIGN(const WorkingPicture* picture, intake_.take(frame));
  if (picture == nullptr) return {};
  newest_ = frame.time;
  if (!last_cut_) last_cut_ = frame.time;
  std::vector<bool> hash = perceptual_hash(gray_image(*picture), options_.size, options_.lowpass);
  if (!last_hash_.empty()) {
    std::size_t differing = 0;
    for (std::size_t i = 0; i < hash.size(); ++i) differing += hash[i] != last_hash_[i] ? 1U : 0U;
    metrics_[0] = static_cast<double>(differing) / static_cast<double>(hash.size());
    if (metrics_[0] >= options_.threshold && min_length_.is_met(*last_cut_, frame.time, intake_.clock())) {
      last_cut_ = frame.time;
      cuts.push_back({intake_.clock().frame_number(frame.time), frame.time});
    }
  }
  last_hash_ = std::move(hash);
  return {};
}

void HashDetector::flush(std::vector<Cut>&) {}

}  // namespace cinescribe::scenes
