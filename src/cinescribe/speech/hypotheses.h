#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "cinescribe/speech/dense_kernels.h"
#include "cinescribe/speech/token_rules.h"

namespace cinescribe::speech {

/// A text in the making.
struct Hypothesis {
  std::vector<int> tokens;
  std::vector<float> logprobs;      ///< Of each token, among those that were allowed.
  std::vector<std::uint8_t> slots;  ///< For each token, the slot whose step read it; one less while the last waits.
  double logprob_sum = 0.0;         ///< With the end of the text.

  [[nodiscard]] double score() const { return logprob_sum / static_cast<double>(tokens.size() + 1); }
};

struct SearchOptions {
  std::size_t beams = 1;       ///< Above 1: beam search. Used at temperature 0.
  std::size_t candidates = 1;  ///< Texts drawn side by side at temperatures above 0.
  double temperature = 0.0;
  bool has_marks = false;
  std::size_t most_tokens = 220;
  std::uint32_t seed = 0;
};

/// Looks for the most probable text, one token at a time: greedy, by beams, or by drawing. Not thread-safe.
/// @source openai/whisper decoding.py: GreedyDecoder, BeamSearchDecoder (patience 1, scores divided by length)
class HypothesisSearch {
 public:
  HypothesisSearch(const DenseKernels& kernels, const TokenRules& rules, const SearchOptions& options);

  /// Texts that wait for logits; the first time only one, whatever the options say. 0 = done.
  [[nodiscard]] const std::vector<Hypothesis>& live() const { return live_; }
  /// The model's logits, `n_vocab` for each live text in order; they are changed.
  void advance(std::span<float> logits, std::size_t n_vocab);
  /// Precondition: `live()` is empty.
  [[nodiscard]] const Hypothesis& best() const;

 private:
  struct Candidate {
    std::size_t parent = 0;
    int token = 0;
    float logprob = 0.0F;
    double sum = 0.0;
  };
  /// Applies rules and temperature to one row; returns what a logit loses to become a log-probability.
  float prepare(std::span<float> logits, const Hypothesis& text);
  void advance_beams(std::span<float> logits, std::size_t n_vocab);
  void advance_single(std::span<float> logits, std::size_t n_vocab);
  int choose(std::span<const float> logits, float offset);
  static Hypothesis extended(const Hypothesis& parent, const Candidate& candidate);

  const DenseKernels& kernels_;
  const TokenRules& rules_;
  const SearchOptions options_;
  bool is_first_ = true;
  std::vector<Hypothesis> live_;
  std::vector<Hypothesis> finished_;
  std::mt19937 random_;
};

}  // namespace cinescribe::speech
