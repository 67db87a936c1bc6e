#include "cinescribe/scenes/content_detector.h"

#include <limits>

namespace cinescribe::scenes {

std::array<double, 5> content_metrics(const std::optional<ContentDifference>& difference) {
  std::array<double, 5> values{};
  values.fill(std::numeric_limits<double>::quiet_NaN());
  if (difference) {
    values = {difference->score, difference->hue, difference->saturation, difference->luma, difference->edges};
  }
  return values;
}

ContentDetector::ContentDetector(const ContentOptions& options, MinLength min_length, int frame_skip,
                                 const FrameClock& clock)
    : options_(options),
      intake_(clock, frame_skip),
      scorer_(options.score),
      filter_(options.filter, min_length, clock),
      metrics_(content_metrics({})) {}

Status ContentDetector::push(const VideoFrame& frame, std::vector<Cut>& cuts) {
  metrics_ = content_metrics({});
  CINESCRIBE_ASSIGN(const WorkingPicture* picture, intake_.take(frame));
  if (picture == nullptr) return {};
  const std::optional<ContentDifference> difference = scorer_.push(*picture);
  metrics_ = content_metrics(difference);
  const double score = difference ? difference->score : 0.0;
  if (const auto cut = filter_.push(frame.time, score >= options_.threshold)) {
    cuts.push_back({intake_.clock().frame_number(*cut), *cut});
  }
  return {};
}

void ContentDetector::flush(std::vector<Cut>&) {}

std::int64_t ContentDetector::max_lookback() const { return options_.filter == FlashFilter::Mode::kMerge ? -1 : 0; }

}  // namespace cinescribe::scenes
