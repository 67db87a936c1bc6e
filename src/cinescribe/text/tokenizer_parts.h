#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/text/added_tokens.h"
#include "cinescribe/text/bpe.h"
#include "cinescribe/text/json_file.h"
#include "cinescribe/text/metaspace.h"
#include "cinescribe/text/normalizer_chain.h"
#include "cinescribe/text/token_decoder.h"
#include "cinescribe/text/token_frame.h"
#include "cinescribe/text/tokenizer.h"
#include "cinescribe/text/tokenizer_files.h"

namespace cinescribe::text {

/// Everything a tokenizer is made of, whichever file it came from.
struct TokenizerParts {
  Bpe model;
  NormalizerChain normalizer;
  std::vector<Metaspace> pre_tokenizer;
  TokenDecoder decoder;
  AddedTokens added;  ///< Those of the vocabulary's own file.
  const Json* post_processor = nullptr;
};

/// Parts of a tokenizer.json, which must outlive them. Errors: kModel.
Result<TokenizerParts> parts_of_json(const Json& tokenizer);

/// Parts of a tokenizer.model, as LLaMA's converter makes them with the options `legacy` and `add_prefix_space` of
/// `config`. Errors: kModel.
Result<TokenizerParts> parts_of_sentencepiece(std::string_view bytes, const TokenizerConfig& config);

/// The tokenizer of parts and the options of `config`. Errors: kModel.
Result<std::unique_ptr<Tokenizer>> assemble_tokenizer(TokenizerParts parts, const TokenizerConfig& config);

/// `Tokenizer::load` from contents: of tokenizer.json (nullptr: none) and of tokenizer.model (empty: none). Errors:
/// kModel.
Result<std::unique_ptr<Tokenizer>> make_tokenizer(const Json* tokenizer, std::string_view sentencepiece,
                                                  const TokenizerConfig& config);

/// LLaMA's own names of its roles.
const RoleDefaults& llama_roles();

}  // namespace cinescribe::text
