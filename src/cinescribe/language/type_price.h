#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/language/language_model.h"

namespace cinescribe::language {

/// What the reference writes after one prompt, and how sure it is of every token.
struct ReferenceText {
  std::vector<TokenId> prompt;
  std::vector<TokenId> text;
  std::vector<float> logits;  ///< text.size() × vocabulary.
};

struct TypePriceOptions {
  std::int64_t new_tokens = 48;
  std::vector<TokenId> end_ids;
};

/// Lets the reference write after every prompt. Errors: kUsage (an empty prompt, an id outside, more numbers than 2^30
/// to keep), kResource, kInterrupted, kInternal.
Result<std::vector<ReferenceText>> reference_texts(const std::shared_ptr<const LanguageModel>& model,
                                                   const std::vector<std::vector<TokenId>>& prompts,
                                                   const TypePriceOptions& options, const std::stop_token& stop);

/// What the same weights in fewer bits cost.
struct TypePrice {
  std::int64_t tokens = 0;
  double same_top_share = 0.0;  ///< Tokens of the reference that the other would write, too, in the same place.
  double mean_kl_nats = 0.0;    ///< Of the reference's distributions from the other's.
  double p95_kl_nats = 0.0;
  double most_kl_nats = 0.0;
  std::int64_t texts = 0;
  std::int64_t same_texts = 0;         ///< Texts of which the other would write every token.
  double mean_tokens_in_common = 0.0;  ///< Until its own text would part from the reference's.
};

/// Lets another model read the reference's texts. Errors: kUsage (another vocabulary; broken output), as above.
Result<TypePrice> type_price(const std::shared_ptr<const LanguageModel>& model,
                             const std::vector<ReferenceText>& reference, const std::stop_token& stop);

}  // namespace cinescribe::language
