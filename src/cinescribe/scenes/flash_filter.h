#pragma once

#include <optional>

#include "cinescribe/scenes/min_length.h"

namespace cinescribe::scenes {

/// Turns the frames whose score is high into cuts that keep the minimum scene length. Not thread-safe.
/// @source PySceneDetect 0.7.2, FlashFilter
class FlashFilter {
 public:
  enum class Mode {
    kMerge,     ///< Cuts too close together become one, at the last of them.
    kSuppress,  ///< Cuts too close to the one before are dropped.
  };

  FlashFilter(Mode mode, MinLength length, const FrameClock& clock);

  /// Takes the next frame. Gives the cut that became certain, if any: this frame, or (merging) an earlier one. A merge
  /// still open at the end of the video gives nothing.
  std::optional<Timestamp> push(Timestamp time, bool is_above_threshold);

  /// No cut to come lies before this: the newest frame, or where an open merge would cut at the earliest.
  [[nodiscard]] Timestamp settled_until() const;

 private:
  std::optional<Timestamp> push_merge(Timestamp time, bool is_above);
  std::optional<Timestamp> push_suppress(Timestamp time, bool is_above);

  Mode mode_;
  MinLength length_;
  FrameClock clock_;
  Timestamp newest_;
  std::optional<Timestamp> last_above_;
  bool has_cut_ = false;                    ///< Merging starts only after a first cut.
  std::optional<Timestamp> merging_since_;  ///< Set while merging.
};

}  // namespace cinescribe::scenes
