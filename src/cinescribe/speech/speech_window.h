#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "cinescribe/core/time.h"
#include "cinescribe/speech/speech_regions.h"

namespace cinescribe::speech {

/// Sound for one pass of the recogniser: speech regions one after the other, the pauses between them left out.
struct SpeechWindow {
  std::int64_t index = 0;            ///< Counts from 0.
  std::vector<SampleRange> regions;  ///< In the recording, in order.
  std::vector<float> samples;        ///< The regions' sound, joined.

  [[nodiscard]] double seconds() const;
  /// Which region sounds at `seconds` of the window; the last one for times after the end.
  [[nodiscard]] std::size_t region_at(double seconds) const;
  /// Time in the recording of `seconds` of the window, taken as part of region `region` and kept inside it.
  [[nodiscard]] Timestamp time_at(double seconds, std::size_t region) const;
  /// A span of the window in the recording; a span over a seam belongs to the region of its middle.
  [[nodiscard]] TimeRange to_recording(double begin_seconds, double end_seconds) const;
};

/// Longest window that the recogniser sees at once.
inline constexpr double kWindowSeconds = 30.0;

/// Packs regions into windows of at most 30 s, as full as they go. Short windows are avoided, since the recogniser is
/// at its worst there: the last two windows share their regions evenly. Holds at most about two windows of sound and
/// what has not been decided yet. Not thread-safe.
class WindowPacker {
 public:
  /// The next samples of the recording.
  void add_sound(std::span<const float> samples);
  /// The next region, which must lie inside the sound so far. Finished windows are appended to `windows`.
  void add_region(SampleRange region, std::vector<SpeechWindow>& windows);
  /// Sound before this sample will not be asked for.
  void forget_before(std::int64_t sample);
  /// No more regions.
  void finish(std::vector<SpeechWindow>& windows);
  /// Where the first region that is not part of a finished window begins; empty when there is none.
  [[nodiscard]] std::optional<std::int64_t> earliest_pending() const;

 private:
  void append(SpeechWindow& window, SampleRange region) const;
  void release(SpeechWindow&& window, std::vector<SpeechWindow>& windows);
  void balance();

  std::vector<float> sound_;
  std::int64_t sound_begin_ = 0;
  SpeechWindow held_;     // full, kept back until the next one is full, too
  SpeechWindow current_;  // growing
  std::int64_t next_index_ = 0;
};

}  // namespace cinescribe::speech
