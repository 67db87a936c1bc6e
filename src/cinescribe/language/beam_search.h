#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "cinescribe/language/log_softmax.h"
#include "cinescribe/language/logits_processors.h"
#include "cinescribe/language/random_stream.h"
#include "cinescribe/language/search.h"
#include "cinescribe/language/stop_check.h"
#include "cinescribe/language/top_candidates.h"

namespace cinescribe::language {

/// Beam search (and beam sampling) of one prompt, step by step as the vectorised implementation of transformers 4.57:
/// same candidates, same slots, same stopping rule, f32 scores. Of equal scores the earlier beam and token wins.
class VectorisedBeamSearch final : public BeamSearch {
 public:
  VectorisedBeamSearch(const GenerationOptions& options, std::span<const TokenId> prompt_ids,
                       std::int64_t max_new_tokens, StopCheck stop);

  Status advance(std::span<const std::span<const float>> logits) override;
  [[nodiscard]] std::span<const NextRow> next_rows() const override { return next_; }
  [[nodiscard]] std::vector<Sequence> sequences() const override;
  [[nodiscard]] std::span<const BeamCandidate> last_candidates() const override { return shown_; }
  [[nodiscard]] std::vector<Sequence> finished() const override;

 private:
  /// Generated tokens with the log-probabilities of the model, and the cumulative score.
  struct Beam {
    std::vector<TokenId> ids;
    std::vector<float> logprobs;
    float score = 0.0F;
  };
  struct Slot {
    Beam beam;
    bool is_finished = false;
    FinishReason reason = FinishReason::kLength;
  };
  struct Continuation {
    Beam beam;
    int parent = 0;
    std::optional<FinishReason> reason;
  };

  Status score_beams(std::span<const std::span<const float>> logits);
  void score_beam(std::size_t index, std::span<const float> logits);
  std::vector<Continuation> extend(std::span<const std::span<const float>> logits);
  void keep_running(const std::vector<Continuation>& continuations);
  void keep_finished(const std::vector<Continuation>& continuations);
  [[nodiscard]] bool can_improve() const;
  [[nodiscard]] bool are_slots_full() const;

  std::size_t beams_;
  std::size_t returned_;
  double length_penalty_;
  EarlyStopping early_stopping_;
  bool is_sampling_;
  int keep_at_least_;
  std::int64_t max_new_tokens_;
  std::vector<TokenId> prompt_;  ///< Only what processors look at.
  LogitsProcessors processors_;
  StopCheck stop_;
  RandomStream random_;
  TopCandidates top_;
  std::vector<Beam> running_;
  std::vector<Slot> slots_;
  std::vector<NextRow> next_;
  std::vector<BeamCandidate> shown_;
  std::vector<SoftmaxNorm> norms_;
  std::vector<float> scores_;     ///< Scratch.
  std::vector<TokenId> history_;  ///< Scratch.
  std::int64_t generated_ = 0;    ///< Tokens per running beam.
  bool is_improvement_possible_ = true;
};

}  // namespace cinescribe::language
