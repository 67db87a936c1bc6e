#include "cinescribe/captions/vlm_prompt.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace cinescribe::captions {

using text::TokenId;

Result<PromptPlan> plan_prompt(const tensor::ModelCard& card, const text::Tokenizer& tokenizer,
                               std::string_view raw_prompt, int pictures) {
  if (pictures < 1) return Error{ErrorCode::kUsage, "there is no picture to describe"};
  CINESCRIBE_ASSIGN(PromptPlan plan,
                    text::prompt_tokens(card.family, tokenizer, raw_prompt, pictures, card.tokens.image));
  // The start token of this family's files was wrong in some releases; the card knows the right one.
  if (card.family == "instructblip" && card.tokens.bos >= 0) {
    std::vector<TokenId>& words = plan.back().tokens;
    words = tokenizer.encode(raw_prompt, false);
    words.insert(words.begin(), card.tokens.bos);
  }
  return plan;
}

std::int64_t prompt_length(const PromptPlan& plan, const std::vector<int>& image_tokens) {
  std::int64_t length = 0;
  for (const text::PromptTokens& stretch : plan) {
    length += stretch.image < 0 ? static_cast<std::int64_t>(stretch.tokens.size())
                                : image_tokens[static_cast<std::size_t>(stretch.image)];
  }
  return length;
}

language::Prompt assemble_prompt(const tensor::ModelCard& card, PromptPlan plan, std::vector<ImageRows>&& pictures) {
  // Phi has no token for pictures: the reference's processors see id 0 there.
  const TokenId placeholder = std::max(0, card.tokens.image);
  language::Prompt prompt;
  for (text::PromptTokens& stretch : plan) {
    language::PromptPiece piece;
    if (stretch.image < 0) {
      if (stretch.tokens.empty()) continue;
      prompt.ids.insert(prompt.ids.end(), stretch.tokens.begin(), stretch.tokens.end());
      piece.tokens = std::move(stretch.tokens);
    } else {
      ImageRows& rows = pictures[static_cast<std::size_t>(stretch.image)];
      if (rows.tokens == 0) continue;
      prompt.ids.insert(prompt.ids.end(), static_cast<std::size_t>(rows.tokens), placeholder);
      piece.rows = std::move(rows.rows);
    }
    prompt.pieces.push_back(std::move(piece));
  }
  return prompt;
}

std::string caption_text(const tensor::ModelCard& card, const text::Tokenizer& tokenizer,
                         const std::vector<text::TokenId>& ids) {
  std::vector<TokenId> kept;
  for (const TokenId id : ids) {
    if (card.family == "instructblip" && id == card.tokens.bos) break;  // start and end are one token
    if (std::find(card.tokens.hidden.begin(), card.tokens.hidden.end(), id) == card.tokens.hidden.end()) {
      kept.push_back(id);
    }
  }
  const std::string text = tokenizer.decode(kept, true);
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string::npos) return {};
  return text.substr(start, text.find_last_not_of(" \t\r\n") + 1 - start);
}

}  // namespace cinescribe::captions
