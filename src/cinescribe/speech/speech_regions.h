#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace cinescribe::speech {

/// A half-open range of samples of the recording.
struct SampleRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  [[nodiscard]] std::int64_t length() const { return end - begin; }
  friend bool operator==(const SampleRange&, const SampleRange&) = default;
};

/// When a stretch counts as speech. Defaults: faster-whisper's for batched transcription.
/// @source silero-vad get_speech_timestamps; faster-whisper 1.2.1 VadOptions and BatchedInferencePipeline
struct RegionOptions {
  double threshold = 0.5;            ///< Speech starts at this probability ...
  double exit_threshold = 0.35;      ///< ... and ends below this one.
  int min_speech_ms = 0;             ///< Shorter stretches are dropped.
  int min_silence_ms = 160;          ///< Pauses shorter than this do not end a region.
  int pad_ms = 400;                  ///< Added on both sides; a smaller gap is shared out.
  double max_region_seconds = 30.0;  ///< Longer regions are cut, at a pause if there was one.
};

/// Turns speech probabilities, one per 512 samples, into padded regions that do not overlap, in order. Not thread-safe.
class RegionFinder {
 public:
  explicit RegionFinder(const RegionOptions& options = {});

  /// The next chunk's probability. Regions that are final now are appended to `regions`.
  void push(double probability, std::vector<SampleRange>& regions);
  /// End of a recording of `total_samples`.
  void finish(std::int64_t total_samples, std::vector<SampleRange>& regions);
  /// No region to come begins before this sample.
  [[nodiscard]] std::int64_t earliest_begin() const;

 private:
  void close(std::int64_t end, std::vector<SampleRange>& regions);
  void emit_previous(std::int64_t next_begin, std::vector<SampleRange>& regions);
  void forget_pauses();

  RegionOptions options_;
  std::int64_t min_speech_;
  std::int64_t min_silence_;
  std::int64_t pad_;
  std::int64_t max_region_;
  std::int64_t position_ = 0;              // first sample of the next chunk
  std::optional<std::int64_t> begin_;      // of the region that is open
  std::optional<std::int64_t> pause_;      // where the current pause began
  std::optional<std::int64_t> cut_end_;    // last pause long enough to cut at: its beginning ...
  std::optional<std::int64_t> cut_begin_;  // ... and where speech went on
  std::optional<SampleRange> previous_;    // padded in front, waiting for its end's padding
  std::int64_t emitted_until_ = 0;
};

}  // namespace cinescribe::speech
