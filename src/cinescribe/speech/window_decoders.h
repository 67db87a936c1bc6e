#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cinescribe/core/status.h"
#include "cinescribe/speech/decoded_window.h"
#include "cinescribe/speech/speech_window.h"
#include "cinescribe/speech/transcriber.h"
#include "cinescribe/speech/transcription_options.h"

namespace cinescribe::speech {

/// Asked often while the recogniser computes; true ends the computation.
using StopCheck = std::function<bool()>;

/// One window to transcribe. The callbacks come from the workers' threads.
struct WindowJob {
  std::shared_ptr<const SpeechWindow> window;  ///< At most 30 s.
  std::string language;                        ///< Whisper's code; empty: found out from this window.
  const TranscriptionOptions* options = nullptr;
  StopCheck should_stop;
  std::function<void(const Language&)> on_language;  ///< Called before `on_done` when `language` is empty.
  /// Called exactly once. Errors: kInterrupted, kResource, kInternal.
  std::function<void(Result<DecodedWindow>)> on_done;
};

/// Workers over one set of Whisper weights. They climb the ladder of attempts while a window's text looks wrong, and
/// keep the best. Thread-safe.
class WindowDecoders {
 public:
  /// Finishes what was submitted.
  virtual ~WindowDecoders() = default;
  /// May wait while the queue is full.
  virtual void submit(WindowJob job) = 0;
  /// Windows that can be in work at once.
  [[nodiscard]] virtual int capacity() const = 0;
  [[nodiscard]] virtual bool is_multilingual() const = 0;
  /// What word times really are (kFast where kExact could not be had).
  [[nodiscard]] virtual WordTimes word_times() const = 0;
  /// One line for people: what computes, e.g. "8-bit on AVX-512 VNNI".
  [[nodiscard]] virtual std::string description() const = 0;
};

}  // namespace cinescribe::speech
