#pragma once

#include <memory>
#include <span>
#include <vector>

#include "cinescribe/language/logits_processors.h"
#include "cinescribe/language/random_stream.h"
#include "cinescribe/language/search.h"
#include "cinescribe/language/stop_check.h"

namespace cinescribe::language {

/// Greedy search, or independent draws of `num_return_sequences` sequences.
class TokenSearch final : public Search {
 public:
  TokenSearch(const GenerationOptions& options, std::span<const TokenId> prompt_ids, StopCheck stop);

  Status advance(std::span<const std::span<const float>> logits) override;
  [[nodiscard]] std::span<const NextRow> next_rows() const override { return next_; }
  [[nodiscard]] std::vector<Sequence> sequences() const override;

 private:
  struct Track {
    Sequence sequence;
    std::vector<TokenId> history;  ///< Prompt and generated ids; only what processors look at.
    RandomStream random;
  };
  TokenId choose(Track& track, std::span<const float> logits);
  [[nodiscard]] TokenId draw(Track& track) const;

  bool is_sampling_;
  LogitsProcessors processors_;
  StopCheck stop_;
  std::vector<Track> tracks_;
  std::vector<std::size_t> live_;  ///< Track of each row.
  std::vector<NextRow> next_;
  std::vector<float> scores_;  ///< Scratch.
  bool is_started_ = false;
};

}  // namespace cinescribe::language
