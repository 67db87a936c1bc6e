#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/language/generation.h"
#include "cinescribe/language/llama_decoder.h"

namespace cinescribe::language {

/// A checked prompt, position by position. It keeps its embedding rows, as they may have to be read again.
class PromptRows {
 public:
  /// Errors: kUsage (empty, a piece with both or neither kind, rows of another width, an id outside of the vocabulary,
  /// a row that is not finite, `ids` of another length).
  static Result<PromptRows> create(Prompt prompt, int width, int vocabulary);

  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(tokens_.size()); }
  [[nodiscard]] std::span<const TokenId> ids() const { return prompt_.ids; }
  /// Token or embedding of a position; sequence and logits are not set.
  [[nodiscard]] DecoderRow at(std::int64_t position) const;
  /// Positions from the start that both read alike.
  [[nodiscard]] std::int64_t common_prefix(const PromptRows& other) const;
  /// The tokens before the first embedding row.
  [[nodiscard]] std::span<const TokenId> leading_tokens() const;

 private:
  PromptRows(Prompt prompt, int width) : prompt_(std::move(prompt)), width_(width) {}

  Prompt prompt_;
  int width_;
  std::vector<TokenId> tokens_;           ///< -1 where there is a row.
  std::vector<const float*> embeddings_;  ///< Null where there is a token; into `prompt_`.
};

}  // namespace cinescribe::language
