#pragma once

#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/text/tokenizer.h"

namespace cinescribe::text {

/// A piece of a prompt: tokens, or the place of a picture.
struct PromptTokens {
  std::vector<TokenId> tokens;
  int image = -1;  ///< Which picture, from 0; -1: tokens.

  bool operator==(const PromptTokens&) const = default;
};

/// LLaVA: the whole prompt is tokenised once, and every `<image>` (token `image_token`) takes the next picture.
/// Errors: kModel (`<image>` is no token of its own), kUsage (as many `<image>` as pictures are needed).
/// @source transformers 4.57.1, LlavaNextProcessor
Result<std::vector<PromptTokens>> llava_prompt_tokens(const Tokenizer& tokenizer, std::string_view prompt, int images,
                                                      TokenId image_token);

/// Phi: the prompt is cut at `<|image_1|>`, `<|image_2|>` ..., and every part is tokenised by itself with its own start
/// token, empty parts too. The tags must be those of the pictures, each once, in order: the reference lets repeated and
/// swapped tags pass and then shows the wrong pictures. Errors: kUsage, saying which tag is missing, twice, or out of
/// order.
/// @source microsoft/Phi-3.5-vision-instruct, processing_phi3_v
Result<std::vector<PromptTokens>> phi_prompt_tokens(const Tokenizer& tokenizer, std::string_view prompt, int images);

/// InstructBLIP: the picture, then the start token and the prompt. Errors: kUsage (not exactly one picture).
/// @source transformers 4.57.1, InstructBlipProcessor
Result<std::vector<PromptTokens>> instructblip_prompt_tokens(const Tokenizer& tokenizer, std::string_view prompt,
                                                             int images);

/// One of the above by the family of a model folder: "llava_next", "phi3_v" or "instructblip". Errors: as above; kModel
/// (another family).
Result<std::vector<PromptTokens>> prompt_tokens(std::string_view family, const Tokenizer& tokenizer,
                                                std::string_view prompt, int images, TokenId image_token);

}  // namespace cinescribe::text
