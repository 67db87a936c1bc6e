#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/language/language_model.h"

namespace cinescribe::language {

/// Shows what a model thinks of given text: the distribution of every next token while it reads. Not thread-safe.
class ForcedReader {
 public:
  /// `most_tokens`: the longest prompt with its text, at most 4096; `most_new` of them are text. Errors: kUsage,
  /// kResource; kInternal for a model that `LanguageModel::load` did not give.
  static Result<std::unique_ptr<ForcedReader>> create(std::shared_ptr<const LanguageModel> model,
                                                      std::int64_t most_tokens, std::int64_t most_new);
  virtual ~ForcedReader() = default;
  ForcedReader(const ForcedReader&) = delete;
  ForcedReader& operator=(const ForcedReader&) = delete;

  /// The most likely continuation of at most `most` tokens, a token of `end_ids` included. Errors: kUsage (an empty
  /// prompt, an id outside of the vocabulary, too long a text), kInterrupted, kResource, kInternal.
  virtual Result<std::vector<TokenId>> continuation(std::span<const TokenId> prompt, std::int64_t most,
                                                    std::span<const TokenId> end_ids, const std::stop_token& stop) = 0;

  /// Logits before each token of `text` that follows the prompt: text.size() × vocabulary. All is read in one step, so
  /// that equal models give equal numbers. Errors: as above.
  virtual Result<std::vector<float>> logits(std::span<const TokenId> prompt, std::span<const TokenId> text,
                                            const std::stop_token& stop) = 0;

 protected:
  ForcedReader() = default;
};

}  // namespace cinescribe::language
