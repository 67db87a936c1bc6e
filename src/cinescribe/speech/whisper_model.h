#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/speech/whisper_engine.h"
#include "cinescribe/speech/whisper_handles.h"

namespace cinescribe::speech {

/// Those of `heads` that a model of this shape has, at most 64 of them.
std::vector<tensor::AlignmentHead> usable_heads(const std::vector<tensor::AlignmentHead>& heads,
                                                const tensor::WhisperShape& shape);

/// Whisper's weights in memory; private to the room. Thread-safe to read.
class WhisperModel {
 public:
  /// Checks and loads the file. Errors as `WhisperEngine::load`.
  static Result<std::shared_ptr<const WhisperModel>> load(const WhisperEngineOptions& options);

  /// whisper.cpp changes nothing in a context without a state but takes it as non-const everywhere.
  [[nodiscard]] whisper_context* context() const { return context_.get(); }
  [[nodiscard]] bool is_multilingual() const { return is_multilingual_; }
  [[nodiscard]] WordTimes word_times() const { return word_times_; }
  [[nodiscard]] bool is_on_gpu() const { return is_on_gpu_; }

 private:
  WhisperModel() = default;

  std::vector<whisper_ahead> heads_;  // read by the context whenever a state is made
  WhisperContext context_;
  bool is_multilingual_ = false;
  bool is_on_gpu_ = false;
  WordTimes word_times_ = WordTimes::kOff;
};

}  // namespace cinescribe::speech
