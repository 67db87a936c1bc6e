#pragma once

#include <utility>
#include <vector>

#include "support/tiny_language.h"

#include "cinescribe/language/search.h"

namespace cinescribe::language {

/// A prompt of tokens.
inline Prompt token_prompt(std::vector<TokenId> ids) {
  Prompt prompt;
  prompt.ids = ids;
  prompt.pieces.push_back({std::move(ids), {}});
  return prompt;
}

/// The same search over the plain loops, one row after the other and without any cache.
inline std::vector<Sequence> plain_generate(const TinyLanguage& model, const Prompt& prompt,
                                            const GenerationOptions& options) {
  std::vector<float> rows;
  for (const PromptPiece& piece : prompt.pieces) {
    for (const TokenId id : piece.tokens) {
      const auto row = model.embedding(id);
      rows.insert(rows.end(), row.begin(), row.end());
    }
    rows.insert(rows.end(), piece.rows.begin(), piece.rows.end());
  }
  auto search = Search::create(options, prompt.ids, model.vocabulary, {});
  if (!search.ok()) return {};
  std::vector<std::vector<float>> lanes = {rows};
  while (true) {
    std::vector<std::vector<float>> logits;
    for (const auto& lane : lanes) logits.push_back(model.logits(lane));
    const std::vector<std::span<const float>> views(logits.begin(), logits.end());
    if (!(*search)->advance(views).ok()) return {};
    if ((*search)->next_rows().empty()) return (*search)->sequences();
    std::vector<std::vector<float>> next;
    for (const NextRow& row : (*search)->next_rows()) {
      next.push_back(lanes[static_cast<std::size_t>(row.parent)]);
      const auto newest = model.embedding(row.token);
      next.back().insert(next.back().end(), newest.begin(), newest.end());
    }
    lanes = std::move(next);
  }
}

}  // namespace cinescribe::language
