#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/speech/transcriber.h"
#include "cinescribe/speech/transcription_options.h"
#include "cinescribe/tensor/whisper_layout.h"

namespace cinescribe::speech {

/// What computes Whisper.
enum class WhisperRunner {
  kAuto,        ///< The eight-bit runner where this processor has kernels for it that win, else whisper.cpp.
  kEightBit,    ///< cinescribe's own, on any processor (very slow without those kernels).
  kWhisperCpp,  ///< The only one for GPUs and for WordTimes::kFast.
};

struct WhisperEngineOptions {
  std::filesystem::path model;      ///< whisper.cpp (ggml) file. It is checked to the last byte before it is loaded.
  std::filesystem::path vad_model;  ///< Silero VAD (ONNX). May be empty when no transcriber uses VAD.
  /// For WordTimes::kExact; the word times fall back to kFast, with a warning, where there are none.
  std::vector<tensor::AlignmentHead> alignment_heads;
  WordTimes word_times = WordTimes::kExact;
  /// Windows transcribed at once, one thread each; 0 = as many as cores. Each costs working memory (base: 0.2 GB).
  int threads = 0;
  WhisperRunner runner = WhisperRunner::kAuto;
  std::string device = "cpu";  ///< "cpu", "cuda", "cuda:N", "vulkan", "metal".
};

/// For people: what WhisperRunner::kAuto means on this processor, e.g. "8 bits, AVX-512 VNNI and BF16".
std::string whisper_on_this_processor();

/// Whisper's weights, loaded once, and a pool of workers that every recording's transcriber shares. Thread-safe.
class WhisperEngine {
 public:
  /// Errors: kModel (missing or damaged file), kResource (memory, device), kUsage (unknown device).
  static Result<std::shared_ptr<WhisperEngine>> load(const WhisperEngineOptions& options);
  virtual ~WhisperEngine() = default;

  /// A transcriber for one recording. It keeps the engine alive. `stop` ends it within about a tenth of a second:
  /// `push` and `finish` then answer kInterrupted. The sink is called by one thread at a time, not always the same.
  /// Errors: kUsage (unknown language; translation by, or another language than English with, an English-only model;
  /// options out of range), kModel (no or a damaged VAD model).
  Result<std::unique_ptr<Transcriber>> make_transcriber(const TranscriptionOptions& options, SegmentSink sink,
                                                        std::stop_token stop);
  /// The same window by window, for whoever keeps what is done: windows of the `done` part do not come again, and with
  /// them the others are what one run would have given. `push` answers kInternal where that part is of another
  /// recording.
  virtual Result<std::unique_ptr<Transcriber>> make_window_transcriber(const TranscriptionOptions& options,
                                                                       WindowSink sink, const TranscribedPart& done,
                                                                       std::stop_token stop) = 0;

  [[nodiscard]] virtual bool is_multilingual() const = 0;
  /// What word times really are (kFast where kExact could not be had).
  [[nodiscard]] virtual WordTimes word_times() const = 0;
  /// For people: what computes, e.g. "8 bits, AVX-512 VNNI".
  [[nodiscard]] virtual std::string description() const = 0;
};

}  // namespace cinescribe::speech
