#pragma once

#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/text/json_file.h"
#include "cinescribe/text/tokenizer.h"

namespace cinescribe::text {

/// What a post-processor puts around a text's tokens.
struct TokenFrame {
  std::vector<TokenId> before;
  std::vector<TokenId> after;
};

/// Reads the member "post_processor" of a tokenizer.json (TemplateProcessing for a single text, or BertProcessing);
/// none: nothing is put around. `vocabulary_size`: ids must be below. Errors: kModel.
Result<TokenFrame> parse_post_processor(const Json* post_processor, TokenId vocabulary_size);

}  // namespace cinescribe::text
