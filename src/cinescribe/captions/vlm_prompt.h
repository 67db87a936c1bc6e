#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/captions/vision_encoder.h"
#include "cinescribe/core/status.h"
#include "cinescribe/language/generation.h"
#include "cinescribe/tensor/model_card.h"
#include "cinescribe/text/prompt_tokens.h"
#include "cinescribe/text/tokenizer.h"

namespace cinescribe::captions {

/// A prompt cut into token ids and places of pictures, as the family's processor does it (text/prompt_tokens.h).
using PromptPlan = std::vector<text::PromptTokens>;

/// The plan of a raw prompt. Errors: kUsage (placeholders that do not fit the pictures), kModel.
Result<PromptPlan> plan_prompt(const tensor::ModelCard& card, const text::Tokenizer& tokenizer,
                               std::string_view raw_prompt, int pictures);

/// Positions of the plan when picture i takes `image_tokens[i]`.
std::int64_t prompt_length(const PromptPlan& plan, const std::vector<int>& image_tokens);

/// Puts the rows of the pictures in their places.
language::Prompt assemble_prompt(const tensor::ModelCard& card, PromptPlan plan, std::vector<ImageRows>&& pictures);

/// The text of generated ids: end and special tokens left out, white space around it, too.
std::string caption_text(const tensor::ModelCard& card, const text::Tokenizer& tokenizer,
                         const std::vector<text::TokenId>& ids);

}  // namespace cinescribe::captions
