#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cinescribe/speech/speech_regions.h"

namespace cinescribe::speech {

/// Cuts a recording without leaving anything out: into pieces of 20 to 30 s, each ending where the sound is quietest.
/// Stands in for the voice activity detection where it is switched off. Not thread-safe.
class QuietCutter {
 public:
  /// The next samples; pieces that are complete are appended to `regions`.
  void push(std::span<const float> samples, std::vector<SampleRange>& regions);
  /// End of the recording: the rest is the last piece.
  void finish(std::vector<SampleRange>& regions);
  [[nodiscard]] std::int64_t earliest_begin() const { return begin_; }

 private:
  std::int64_t begin_ = 0;     // of the piece that grows
  std::int64_t position_ = 0;  // samples seen
  std::vector<double> energies_;
  double energy_ = 0.0;
  std::int64_t in_frame_ = 0;
};

}  // namespace cinescribe::speech
