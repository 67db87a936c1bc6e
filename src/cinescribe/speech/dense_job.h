#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "cinescribe/speech/attempt_ladder.h"
#include "cinescribe/speech/dense_decoder.h"
#include "cinescribe/speech/dense_encoder.h"
#include "cinescribe/speech/hypotheses.h"
#include "cinescribe/speech/text_cache.h"
#include "cinescribe/speech/token_rules.h"
#include "cinescribe/speech/whisper_text.h"
#include "cinescribe/speech/window_decoders.h"

namespace cinescribe::speech {

/// What all windows share.
struct DenseContext {
  std::shared_ptr<const DenseWhisper> model;
  std::vector<tensor::AlignmentHead> alignment_heads;  ///< Empty: no word times.
  TokenRules rules;
  WhisperText text;

  DenseContext(std::shared_ptr<const DenseWhisper> weights, std::vector<tensor::AlignmentHead> heads);
};

/// One window on its way to a text: says which tokens the decoder is to read next and takes the logits, while other
/// windows do the same in the same step. Not thread-safe.
class DenseJob {
 public:
  /// `sound` lends its memory; `take_sound` gives it back.
  DenseJob(const DenseContext& context, WindowJob job, EncodedSound sound);

  /// Encodes the window for the next attempt where that is needed. Call it first, and whenever `needs_start()`.
  /// Error: kInterrupted.
  Status start(DenseEncoder& encoder);
  [[nodiscard]] bool needs_start() const { return stage_ == Stage::kStart; }
  [[nodiscard]] bool is_done() const { return stage_ == Stage::kDone; }
  [[nodiscard]] bool should_stop() const { return job_.should_stop(); }

  /// Appends the tokens to read; returns how many of them want logits.
  std::size_t append_rows(std::vector<TextRow>& rows);
  /// The logits of those, in order; they are changed.
  void take(std::span<float> logits);

  /// Hands over the result, or why there is none.
  void deliver(Status status);
  EncodedSound take_sound() { return std::move(sound_); }

 private:
  enum class Stage { kStart, kLanguage, kPrompt, kText, kEnd, kDone };
  void find_language(std::span<const float> logits);
  void write_prompt();
  void finish_attempt();
  [[nodiscard]] DecodedWindow result_of(const Hypothesis& text);
  void set_times(const Hypothesis& text, std::vector<DecodedToken>& tokens);
  [[nodiscard]] bool has_word_times() const { return !context_.alignment_heads.empty(); }

  const DenseContext& context_;
  WindowJob job_;
  std::vector<float> samples_;
  std::vector<Attempt> ladder_;
  std::size_t attempt_ = 0;
  Stage stage_ = Stage::kStart;
  EncodedSound sound_;
  std::vector<int> prompt_;
  std::size_t start_position_ = 0;  // of the token that starts the text, in the prompt
  double no_speech_prob_ = 0.0;
  std::optional<TextCache> cache_;
  std::optional<HypothesisSearch> search_;
  std::optional<DecodedWindow> best_;
};

}  // namespace cinescribe::speech
