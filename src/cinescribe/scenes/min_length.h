#pragma once

#include <cstdint>

#include "cinescribe/scenes/frame_clock.h"

namespace cinescribe::scenes {

/// The shortest allowed scene, in frames or in seconds; which of the two decides how lengths are compared.
class MinLength {
 public:
  /// Compares whole frames of the nominal rate. 0 or less: every cut counts.
  static constexpr MinLength frames(std::int64_t count) { return {Unit::kFrames, count, 0.0}; }
  /// Compares exact times. 0 or less: every cut counts.
  static constexpr MinLength seconds(double value) { return {Unit::kSeconds, 0, value}; }
  /// As many whole frames as fit into `value` seconds (rounded down), compared as frames.
  static constexpr MinLength frames_within(double value) { return {Unit::kFramesWithin, 0, value}; }

  /// The same length with `frames_within` resolved to frames by the clock's rate.
  [[nodiscard]] MinLength resolved(const FrameClock& clock) const;
  /// True when nothing is too short.
  [[nodiscard]] bool is_disabled() const;
  /// Whether `to` lies at least this length after `from`. Precondition: resolved.
  [[nodiscard]] bool is_met(Timestamp from, Timestamp to, const FrameClock& clock) const;

 private:
  enum class Unit { kFrames, kSeconds, kFramesWithin };
  constexpr MinLength(Unit unit, std::int64_t frames, double seconds)
      : unit_(unit), frames_(frames), seconds_(seconds) {}
  Unit unit_;
  std::int64_t frames_;
  double seconds_;
};

}  // namespace cinescribe::scenes
