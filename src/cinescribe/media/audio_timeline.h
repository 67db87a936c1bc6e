#pragma once

// Private to the room.

#include <cstdint>
#include <optional>
#include <vector>

#include "cinescribe/core/audio.h"
#include "cinescribe/core/status.h"
#include "cinescribe/media/av.h"

namespace cinescribe::media {

/// Lays decoded sound on the time line as mono f32 at 16 kHz: sample n sounds at n / 16000 s.
///
/// Holes are filled with silence, what lies before 0 or overlaps is cut. Time stamps that differ from the running count
/// by less than 50 ms are jitter and change nothing. Not thread-safe.
class AudioTimeline {
 public:
  /// Takes the next block, which sounds at `time` (empty = right after the last one), and appends finished blocks.
  /// Errors: kInput when libswresample cannot take this kind of sound.
  Status push(const AVFrame& frame, std::optional<Timestamp> time, std::vector<AudioBlock>& out);
  /// End of the stream: appends the rest.
  void flush(std::vector<AudioBlock>& out);
  /// Samples handed out or waiting so far.
  [[nodiscard]] std::int64_t samples() const { return position_; }

 private:
  Status configure(const AVFrame& frame);
  [[nodiscard]] bool fits(const AVFrame& frame) const;
  void drain(std::vector<AudioBlock>& out);
  void align(std::optional<Timestamp> time, std::vector<AudioBlock>& out);
  Status resample(const AVFrame* frame, std::vector<AudioBlock>& out);
  void append(const float* data, std::int64_t count, std::vector<AudioBlock>& out);
  void append_silence(std::int64_t count, std::vector<AudioBlock>& out);
  void emit(std::vector<AudioBlock>& out);

  ResamplerHandle resampler_;
  int rate_hz_ = 0;
  int sample_format_ = -1;
  int channels_ = 0;
  std::uint64_t channel_mask_ = 0;

  Timestamp anchor_;              ///< Where the run of blocks without a correction began.
  std::int64_t run_samples_ = 0;  ///< Input samples since `anchor_`.
  std::int64_t position_ = 0;     ///< Output samples so far, from time 0.
  std::int64_t to_drop_ = 0;      ///< Output samples to cut.
  std::vector<float> pending_;
  std::vector<float> scratch_;
};

}  // namespace cinescribe::media
