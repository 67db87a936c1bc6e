#pragma once

#include <memory>
#include <span>
#include <string>

#include "cinescribe/core/status.h"
#include "cinescribe/speech/attempt_ladder.h"
#include "cinescribe/speech/decoded_window.h"
#include "cinescribe/speech/transcriber.h"
#include "cinescribe/speech/transcription_options.h"
#include "cinescribe/speech/whisper_model.h"
#include "cinescribe/speech/window_decoders.h"

namespace cinescribe::speech {

/// One working state of whisper.cpp over the shared weights: turns one window after the other into tokens.
/// Not thread-safe; one per worker.
class WhisperDecoder {
 public:
  /// Errors: kResource (no memory for the state).
  static Result<std::unique_ptr<WhisperDecoder>> create(std::shared_ptr<const WhisperModel> model);

  /// The language spoken in `samples` (at most 30 s count). Errors: kInterrupted, kInternal.
  Result<Language> detect_language(std::span<const float> samples, const StopCheck& should_stop);

  /// Transcribes one window of at most 30 s. Climbs the ladder of temperatures while the text looks wrong, and keeps
  /// the best attempt. `language` is a code. Errors: kInterrupted, kResource, kInternal.
  Result<DecodedWindow> decode(std::span<const float> samples, const std::string& language,
                               const TranscriptionOptions& options, const StopCheck& should_stop);

  /// False after a failure that took the state with it: make another decoder.
  [[nodiscard]] bool is_usable() const { return state_ != nullptr; }

 private:
  WhisperDecoder(std::shared_ptr<const WhisperModel> model, WhisperState state)
      : model_(std::move(model)), state_(std::move(state)) {}
  Result<DecodedWindow> attempt(std::span<const float> samples, const std::string& language,
                                const TranscriptionOptions& options, const Attempt& attempt,
                                const StopCheck& should_stop);
  double no_speech_probability();
  [[nodiscard]] DecodedWindow read_result() const;

  std::shared_ptr<const WhisperModel> model_;
  WhisperState state_;
};

}  // namespace cinescribe::speech
