#include "cinescribe/text/tokenizer_parts.h"

#include <string>
#include <utility>

#include "cinescribe/text/sentencepiece_file.h"
#include "cinescribe/text/spm_merges.h"

namespace cinescribe::text {
namespace {

/// The converter takes the names of the first three pieces from the added tokens.
void rename_first_pieces(SentencePieceFile& file, const TokenizerConfig& config) {
  for (const auto& [id, token] : config.added()) {
    if (id < 3 && static_cast<std::size_t>(id) < file.pieces.size() && !token.content.empty()) {
      file.pieces[static_cast<std::size_t>(id)].text = token.content;
    }
  }
}

}  // namespace

Result<TokenizerParts> parts_of_json(const Json& tokenizer) {
  TokenizerParts parts;
  CINESCRIBE_ASSIGN(parts.model, Bpe::parse(member(tokenizer, "model")));
  CINESCRIBE_ASSIGN(parts.normalizer, NormalizerChain::parse(member(tokenizer, "normalizer")));
  CINESCRIBE_ASSIGN(parts.pre_tokenizer, parse_pre_tokenizer(member(tokenizer, "pre_tokenizer")));
  CINESCRIBE_ASSIGN(parts.decoder, TokenDecoder::parse(member(tokenizer, "decoder")));
  CINESCRIBE_ASSIGN(const auto added, parse_added_tokens(tokenizer));
  for (const auto& [id, token] : added) parts.added.add(token, parts.model.vocabulary());
  parts.post_processor = member(tokenizer, "post_processor");
  return parts;
}

Result<TokenizerParts> parts_of_sentencepiece(std::string_view bytes, const TokenizerConfig& config) {
  CINESCRIBE_ASSIGN(SentencePieceFile file, parse_sentencepiece(bytes));
  rename_first_pieces(file, config);
  TokenizerParts parts;
  CINESCRIBE_ASSIGN(parts.model, bpe_of_sentencepiece(file));
  CINESCRIBE_ASSIGN(const bool is_legacy, bool_member(config.values(), "legacy", true));
  // A null is not the default here: it means no prefix.
  const bool is_prefix_given = config.values().contains("add_prefix_space");
  CINESCRIBE_ASSIGN(const bool has_prefix, bool_member(config.values(), "add_prefix_space", !is_prefix_given));
  const Metaspace marks{.scheme = has_prefix ? PrependScheme::kFirst : PrependScheme::kNever, .is_splitting = false};
  if (!is_legacy) {
    parts.pre_tokenizer.push_back(marks);
  } else {
    if (has_prefix) parts.normalizer.add_prepend(marks.mark);
    parts.normalizer.add_replace(" ", marks.mark);
  }
  parts.decoder = TokenDecoder::llama(has_prefix);
  for (const SentencePiece& piece : file.pieces) {
    const bool is_control = piece.type == SentencePiece::Type::kControl;
    if (!is_control && piece.type != SentencePiece::Type::kUserDefined) continue;
    parts.added.add({.content = piece.text, .is_special = is_control}, parts.model.vocabulary());
  }
  return parts;
}

const RoleDefaults& llama_roles() {
  static const RoleDefaults kDefaults = {"Llama",
                                         {{"bos_token", "<s>"}, {"eos_token", "</s>"}, {"unk_token", "<unk>"}}};
  return kDefaults;
}

}  // namespace cinescribe::text
