#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cinescribe::speech {

/// A stretch of a recording as 16-bit samples, mono at 16 kHz.
struct SoundChunk {
  std::int64_t first_sample = 0;  ///< Counts from the start of the recording.
  std::vector<std::int16_t> samples;
  bool is_silent = false;  ///< Never louder than -60 dBFS: nothing can be heard in it.
};

/// Cuts a stream of sound into chunks that end at quiet places, without leaving anything out. Not thread-safe.
class ChunkCutter {
 public:
  /// Chunks have more than `longest_samples / 2` and at most `longest_samples` samples, the last one any number.
  explicit ChunkCutter(std::size_t longest_samples);

  /// Takes mono f32 samples in [-1, 1]; louder ones are clipped, NaN is silence. Finished chunks go to `chunks`.
  void push(std::span<const float> samples, std::vector<SoundChunk>& chunks);
  /// End of the recording: what is left becomes the last chunk.
  void finish(std::vector<SoundChunk>& chunks);

 private:
  void cut(std::size_t length, std::vector<SoundChunk>& chunks);

  std::size_t longest_;
  std::int64_t first_sample_ = 0;
  std::vector<std::int16_t> buffer_;
};

/// The samples as a WAV file (44 bytes of header, 16-bit PCM).
std::string wav_file(std::span<const std::int16_t> samples);

/// Bytes that the header of `wav_file` takes.
inline constexpr std::size_t kWavHeaderBytes = 44;

}  // namespace cinescribe::speech
