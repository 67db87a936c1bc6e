#pragma once

#include <string>
#include <variant>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/text/json_file.h"
#include "cinescribe/text/metaspace.h"

namespace cinescribe::text {

/// Turns the texts of tokens into the text they stand for.
///
/// @source tokenizers 0.22, decoders Replace, ByteFallback, Fuse, Strip and Metaspace
class TokenDecoder {
 public:
  /// Reads the member "decoder" of a tokenizer.json; none: tokens are joined with spaces. Errors: kModel.
  static Result<TokenDecoder> parse(const Json* decoder);
  /// The decoder of LLaMA's tokenizers: marks become spaces, bytes characters, and one leading space may go.
  static TokenDecoder llama(bool strips_leading_space);

  [[nodiscard]] std::string decode(std::vector<std::string> tokens) const;

 private:
  struct Replace {
    std::string pattern, content;
  };
  struct ByteFallback {};
  struct Fuse {};
  struct Strip {
    std::string content;  ///< One character.
    int start = 0, stop = 0;
  };
  using Step = std::variant<Replace, ByteFallback, Fuse, Strip, Metaspace>;

  Status add(const Json& decoder, int depth);

  bool joins_with_spaces_ = false;
  std::vector<Step> steps_;
};

/// What `clean_up_tokenization_spaces` does: no space before punctuation and English contractions.
/// @source transformers 4.57, PreTrainedTokenizerBase.clean_up_tokenization
std::string without_tokenization_spaces(std::string text);

}  // namespace cinescribe::text
