#include "cinescribe/language/prompt_rows.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

namespace cinescribe::language {

namespace {

Error bad(const std::string& what) { return {ErrorCode::kUsage, "cannot generate: " + what}; }

}  // namespace

Result<PromptRows> PromptRows::create(Prompt prompt, int width, int vocabulary) {
  PromptRows rows(std::move(prompt), width);
  const auto row_size = static_cast<std::size_t>(width);
  for (const PromptPiece& piece : rows.prompt_.pieces) {
    if (piece.tokens.empty() == piece.rows.empty()) {
      return bad("a piece of the prompt must hold either tokens or embedding rows");
    }
    if (piece.rows.size() % row_size != 0) {
      return bad("embedding rows of " + std::to_string(piece.rows.size()) + " numbers do not divide into rows of " +
                 std::to_string(width));
    }
    for (const TokenId id : piece.tokens) {
      if (id < 0 || id >= vocabulary) {
        return bad("the prompt holds the token id " + std::to_string(id) + ", but the vocabulary has " +
                   std::to_string(vocabulary) + " tokens");
      }
      rows.tokens_.push_back(id);
      rows.embeddings_.push_back(nullptr);
    }
    // One value that is no number would spread to all other sequences: they share the pool of keys and values.
    if (!std::all_of(piece.rows.begin(), piece.rows.end(), [](float x) { return std::isfinite(x); })) {
      return bad("an embedding row of the prompt is not finite; the vision model's weights may be damaged");
    }
    for (std::size_t at = 0; at < piece.rows.size(); at += row_size) {
      rows.tokens_.push_back(-1);
      rows.embeddings_.push_back(piece.rows.data() + at);
    }
  }
  if (rows.tokens_.empty()) return bad("the prompt is empty");
  if (rows.size() > std::numeric_limits<std::int32_t>::max() / 2) return bad("the prompt is too long");
  if (rows.prompt_.ids.size() != rows.tokens_.size()) {
    return bad("the prompt has " + std::to_string(rows.tokens_.size()) + " positions, but ids for " +
               std::to_string(rows.prompt_.ids.size()));
  }
  return rows;
}

DecoderRow PromptRows::at(std::int64_t position) const {
  const auto i = static_cast<std::size_t>(position);
  return {tokens_[i], embeddings_[i], static_cast<std::int32_t>(position), 0, false};
}

std::int64_t PromptRows::common_prefix(const PromptRows& other) const {
  const std::size_t most = std::min(tokens_.size(), other.tokens_.size());
  const auto bytes = static_cast<std::size_t>(width_) * sizeof(float);
  std::size_t i = 0;
  for (; i < most; ++i) {
    if (tokens_[i] != other.tokens_[i]) break;
    if (embeddings_[i] != nullptr && std::memcmp(embeddings_[i], other.embeddings_[i], bytes) != 0) break;
  }
  return static_cast<std::int64_t>(i);
}

std::span<const TokenId> PromptRows::leading_tokens() const {
  const auto end =
      std::find_if(embeddings_.begin(), embeddings_.end(), [](const float* row) { return row != nullptr; });
  return std::span(tokens_).first(static_cast<std::size_t>(end - embeddings_.begin()));
}

}  // namespace cinescribe::language
