#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/results/records.h"

namespace cinescribe::pipeline {

/// Gives speech to the scenes it belongs to: a word belongs to the scene in which it starts. A segment that goes on
/// over a cut is divided; its parts keep its scores. A segment without words belongs where it starts, whole.
///
/// Segments are pulled one at a time in time order, so memory does not grow with the length of the video.
class SpeechByScene {
 public:
  using Next = std::function<Result<std::optional<results::SegmentRecord>>()>;
  explicit SpeechByScene(Next next) : next_(std::move(next)) {}

  /// All that is left and starts before `end`. Errors: those of `next`.
  Result<std::vector<results::SegmentRecord>> take_until(Timestamp end);
  /// All that is left: the last scene also gets what starts after the pictures end.
  Result<std::vector<results::SegmentRecord>> take_rest();

 private:
  Status fetch();

  Next next_;
  std::optional<results::SegmentRecord> segment_;
  std::size_t first_word_ = 0;  ///< Of `segment_`: the words before it were taken.
  bool is_over_ = false;
};

}  // namespace cinescribe::pipeline
