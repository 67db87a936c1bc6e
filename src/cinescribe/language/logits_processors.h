#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cinescribe/language/generation.h"

namespace cinescribe::language {

/// What changes the scores of the next token before one is chosen, in Hugging Face's order: repetition penalty, n-gram
/// ban, minimum length, minimum of new tokens; for sampling then temperature, top-k, top-p.
///
/// Greedy search applies them to logits, beam search to log-probabilities (without normalising again). Not thread-safe.
/// @source transformers 4.57 `_get_logits_processor`
class LogitsProcessors {
 public:
  /// `prompt_length`: positions of the prompt, images included.
  LogitsProcessors(const GenerationOptions& options, std::int64_t prompt_length);

  /// Whether `apply` does anything.
  [[nodiscard]] bool is_active() const;

  /// `ids`: prompt and generated tokens. Ids outside of the vocabulary stand for themselves in n-grams and have no
  /// score.
  void apply(std::span<const TokenId> ids, std::span<float> scores);

  /// Temperature, top-k and top-p of sampling; removed tokens get -infinity, `keep_at_least` stay.
  void warp(std::span<float> scores, int keep_at_least);

 private:
  void penalise_repetition(std::span<const TokenId> ids, std::span<float> scores);
  void ban_ngrams(std::span<const TokenId> ids, std::span<float> scores) const;
  void ban_end(std::span<const TokenId> ids, std::span<float> scores) const;
  void keep_top_k(std::span<float> scores, int keep_at_least);
  void keep_top_p(std::span<float> scores, int keep_at_least);

  double repetition_penalty_;
  int no_repeat_ngram_size_;
  std::int64_t end_allowed_from_;  ///< Shortest sequence, prompt included, that may end.
  double temperature_;
  int top_k_;
  double top_p_;
  std::vector<TokenId> eos_ids_;
  std::vector<char> is_seen_;   ///< Scratch, one per token, all 0 between calls.
  std::vector<float> sorted_;   ///< Scratch.
  std::vector<TokenId> order_;  ///< Scratch.
};

}  // namespace cinescribe::language
