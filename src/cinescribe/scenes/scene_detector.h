#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/core/video_frame.h"

namespace cinescribe::scenes {

/// A boundary: the frame starts a new scene.
struct Cut {
  std::int64_t frame = 0;
  Timestamp time;
  friend bool operator==(const Cut&, const Cut&) = default;
};

/// Finds cuts in a stream of frames pushed in time order, once. Not thread-safe; one instance per video.
class SceneDetector {
 public:
  virtual ~SceneDetector() = default;

  /// Takes the next frame and appends the cuts that became certain, which may lie up to `max_lookback()` frames back.
  /// Errors: kInput when the frame's size differs from the first one's.
  virtual Status push(const VideoFrame& frame, std::vector<Cut>& cuts) = 0;
  /// End of the video: appends what was still open.
  virtual void flush(std::vector<Cut>& cuts) = 0;
  /// How many frames behind the newest one a cut may lie; -1 = unbounded (a merge filter).
  [[nodiscard]] virtual std::int64_t max_lookback() const = 0;
  /// Every cut still to come lies at or after this time: what is before it is settled. Never goes back.
  [[nodiscard]] virtual Timestamp settled_until() const = 0;

  /// Names of the per-frame numbers this detector computes, e.g. "content_val"; the same for its whole life.
  [[nodiscard]] virtual std::span<const std::string_view> metric_names() const = 0;
  /// Numbers of the last pushed frame, in the order of `metric_names()`; NaN where there is none.
  [[nodiscard]] virtual std::span<const double> metrics() const = 0;
  /// How many examined frames behind the last pushed one a metric belongs (a window looks ahead).
  [[nodiscard]] virtual std::int64_t metric_lag(std::size_t /*metric*/) const { return 0; }
};

}  // namespace cinescribe::scenes
