#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/language/generation.h"

namespace cinescribe::language {

/// A row that the model computes next: it continues row `parent` of the step before by `token`.
struct NextRow {
  int parent = 0;
  TokenId token = 0;
};

/// Chooses tokens from logits: Hugging Face's greedy search, sampling and beam search, without a model.
///
/// Use: `advance` with the logits of the prompt's last position, then, while `next_rows()` is not empty, with the
/// logits of those rows in that order (row 0 is the only parent at first). Not thread-safe.
/// @source transformers 4.57 `generate`
class Search {
 public:
  /// `prompt_ids`: one per position, images included. `detokenize` is needed for stop strings only. Errors: kUsage.
  static Result<std::unique_ptr<Search>> create(const GenerationOptions& options, std::span<const TokenId> prompt_ids,
                                                int vocabulary, Detokenize detokenize);
  virtual ~Search() = default;
  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;

  /// One span of `vocabulary` logits per row. Errors: kInternal (logits that are no numbers).
  virtual Status advance(std::span<const std::span<const float>> logits) = 0;
  /// Empty when the search is finished. Valid until the next `advance`.
  [[nodiscard]] virtual std::span<const NextRow> next_rows() const = 0;
  /// The outcome, best first. Precondition: finished.
  [[nodiscard]] virtual std::vector<Sequence> sequences() const = 0;

 protected:
  Search() = default;
};

/// The candidates that beam search kept at a step, best first; for tests and reports.
struct BeamCandidate {
  float score = 0.0F;
  int parent = 0;
  TokenId token = 0;
};

/// Beam search with a view inside.
class BeamSearch : public Search {
 public:
  [[nodiscard]] virtual std::span<const BeamCandidate> last_candidates() const = 0;
  /// All finished slots, also those beyond `num_return_sequences`, best first.
  [[nodiscard]] virtual std::vector<Sequence> finished() const = 0;
};

}  // namespace cinescribe::language
