#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "cinescribe/core/status.h"
#include "cinescribe/text/added_tokens.h"
#include "cinescribe/text/bert_normalizer.h"
#include "cinescribe/text/bpe.h"
#include "cinescribe/text/json_file.h"
#include "cinescribe/text/tokenizer_files.h"
#include "cinescribe/text/wordpiece.h"

namespace cinescribe::text {

/// The longest-match-first model of BERT.
struct WordPieceModel {
  Vocabulary vocabulary;
  std::string unknown = "[UNK]";
  std::string prefix = "##";  ///< In front of pieces that do not begin a word.
  std::size_t max_word_points = 100;
};

/// Reads the member "model" of a tokenizer.json. Errors: kModel.
Result<WordPieceModel> parse_wordpiece_model(const Json* model);
/// A vocab.txt: one entry a line. Errors: kModel.
Result<WordPieceModel> parse_vocab_txt(std::string_view lines);

/// `WordPiece::load` from contents: of tokenizer.json (nullptr: none) or of vocab.txt. Errors: kModel.
Result<std::unique_ptr<WordPiece>> make_wordpiece(const Json* tokenizer, std::string_view vocab_txt,
                                                  const TokenizerConfig& config);

/// BERT's own names of its roles.
const RoleDefaults& bert_roles();

}  // namespace cinescribe::text
