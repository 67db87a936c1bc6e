#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/ort/session.h"

namespace cinescribe::speech {

/// Samples that one speech probability stands for (32 ms at 16 kHz).
inline constexpr std::int64_t kVadChunkSamples = 512;

/// Gives the probability of speech for each chunk of a stream. Mono f32 at 16 kHz. Not thread-safe; one per recording.
class VoiceActivity {
 public:
  virtual ~VoiceActivity() = default;
  /// Appends the probabilities (0..1) of the chunks that are complete; the rest is kept for the next call.
  /// Errors: kModel, kInterrupted.
  virtual Status push(std::span<const float> samples, std::vector<float>& probabilities,
                      const std::stop_token& stop) = 0;
  /// End of the stream: the last chunk is filled with silence.
  virtual Status finish(std::vector<float>& probabilities, const std::stop_token& stop) = 0;
};

/// The Silero VAD networks (ONNX, MIT): `silero_vad_16k_op15.onnx` and its relatives, which see one chunk a run, and
/// `silero_vad_16k_sequence.onnx`, which sees many (same numbers, half the time). Loaded once, shared by recordings.
class SileroVad {
 public:
  /// Errors: kModel (missing, or not one of these networks), kResource (no ONNX Runtime).
  static Result<std::shared_ptr<SileroVad>> open(const std::filesystem::path& model);
  virtual ~SileroVad() = default;
  /// A fresh stream. It keeps the network alive.
  [[nodiscard]] virtual std::unique_ptr<VoiceActivity> make_stream() const = 0;
};

}  // namespace cinescribe::speech
