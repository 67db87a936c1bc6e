#include "cinescribe/text/wordpiece.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "cinescribe/core/file.h"
#include "cinescribe/text/token_frame.h"
#include "cinescribe/text/utf8.h"
#include "cinescribe/text/wordpiece_parts.h"

namespace cinescribe::text {
namespace {

Result<BertNormalizer> parse_normalizer(const Json* component) {
  BertNormalizer result;
  if (component == nullptr) return BertNormalizer{false, false, false, false};
  if (type_of(*component) != "BertNormalizer") return unsupported("a normalizer", type_of(*component));
  CINESCRIBE_ASSIGN(result.is_cleaning, bool_member(*component, "clean_text", true));
  CINESCRIBE_ASSIGN(result.is_spacing_ideographs, bool_member(*component, "handle_chinese_chars", true));
  CINESCRIBE_ASSIGN(result.is_lowering, bool_member(*component, "lowercase", true));
  CINESCRIBE_ASSIGN(result.is_stripping_accents, bool_member(*component, "strip_accents", result.is_lowering));
  return result;
}

/// BERT's class puts its own options over those of the file.
Status apply_options(const TokenizerConfig& config, BertNormalizer& normalizer) {
  if (!config.is_of_class(bert_roles().class_name)) return {};
  CINESCRIBE_ASSIGN(normalizer.is_lowering, bool_member(config.values(), "do_lower_case", true));
  CINESCRIBE_ASSIGN(normalizer.is_stripping_accents,
                    bool_member(config.values(), "strip_accents", normalizer.is_lowering));
  CINESCRIBE_ASSIGN(normalizer.is_spacing_ideographs, bool_member(config.values(), "tokenize_chinese_chars", true));
  return {};
}

class BertWordPiece final : public WordPiece {
 public:
  BertWordPiece(WordPieceModel model, BertNormalizer normalizer, AddedTokens added, const TokenizerConfig& config)
      : model_(std::move(model)), normalizer_(normalizer), added_(std::move(added)) {
    config.add_to(added_, model_.vocabulary);
    added_.prepare([this](std::string_view text) { return normalizer_.apply(text); });
    for (const Token& token : model_.vocabulary.tokens) longest_ = std::max(longest_, token.text.size());
    unknown_ = model_.vocabulary.find(model_.unknown);
  }

  /// What stands around a text; from the file, or [CLS] and [SEP].
  Status read_frame(const Json* tokenizer, const TokenizerConfig& config) {
    if (unknown_ < 0) {
      return Error{ErrorCode::kModel, "the unknown token '" + model_.unknown + "' is not in the vocabulary"};
    }
    if (tokenizer != nullptr) {
      CINESCRIBE_ASSIGN(frame_,
                        parse_post_processor(member(*tokenizer, "post_processor"), static_cast<TokenId>(size())));
      return {};
    }
    const TokenId start = find(config.role("cls_token"));
    const TokenId end = find(config.role("sep_token"));
    if (start < 0 || end < 0) return Error{ErrorCode::kModel, "the vocabulary has no [CLS] or no [SEP]"};
    frame_ = {{start}, {end}};
    return {};
  }

  [[nodiscard]] std::vector<TokenId> encode(std::string_view text) const override {
    std::vector<TokenId> ids = frame_.before;
    for (const AddedTokens::Piece& piece : added_.split(sanitised_utf8(text))) {
      if (piece.id >= 0) {
        ids.push_back(piece.id);
        continue;
      }
      for (const std::string_view word : bert_words(piece.text)) encode_word(word, ids);
    }
    ids.insert(ids.end(), frame_.after.begin(), frame_.after.end());
    return ids;
  }

  [[nodiscard]] std::size_t size() const override {
    const auto& added = added_.tokens();
    const std::size_t beyond_added = added.empty() ? 0 : static_cast<std::size_t>(added.rbegin()->first) + 1;
    return std::max(model_.vocabulary.tokens.size(), beyond_added);
  }

 private:
  [[nodiscard]] TokenId find(std::string_view text) const {
    const TokenId added = added_.find(text);
    return added >= 0 ? added : model_.vocabulary.find(text);
  }

  /// The longest entry that `rest` begins with; -1 when there is none.
  TokenId longest_piece(std::string_view rest, bool is_start, std::size_t& bytes) const {
    const std::string prefix = is_start ? std::string() : model_.prefix;
    for (std::size_t length = std::min(rest.size(), longest_); length > 0; --length) {
      if (length < rest.size() && (static_cast<unsigned>(rest[length]) & 0xC0U) == 0x80U) continue;  // in a character
      const TokenId id = model_.vocabulary.find(prefix + std::string(rest.substr(0, length)));
      if (id < 0) continue;
      bytes = length;
      return id;
    }
    return -1;
  }

  void encode_word(std::string_view word, std::vector<TokenId>& ids) const {
    const std::size_t begin = ids.size();
    bool is_known = to_code_points(word).size() <= model_.max_word_points;
    for (std::size_t at = 0; is_known && at < word.size();) {
      std::size_t bytes = 0;
      ids.push_back(longest_piece(word.substr(at), at == 0, bytes));
      is_known = ids.back() >= 0;
      at += bytes;
    }
    if (is_known) return;
    ids.resize(begin);
    ids.push_back(unknown_);
  }

  WordPieceModel model_;
  BertNormalizer normalizer_;
  AddedTokens added_;
  TokenFrame frame_;
  TokenId unknown_ = -1;
  std::size_t longest_ = 0;  ///< Bytes of the longest entry.
};

Result<std::string> read_vocab_txt(const std::filesystem::path& folder) {
  auto bytes = read_file(folder / "vocab.txt", kMaxTokenizerFileBytes);
  if (!bytes.ok()) {
    return Error{ErrorCode::kModel,
                 "there is no tokenizer.json, and vocab.txt cannot be read: " + bytes.error().message};
  }
  return bytes;
}

}  // namespace

const RoleDefaults& bert_roles() {
  static const RoleDefaults kDefaults = {"Bert",
                                         {{"unk_token", "[UNK]"},
                                          {"sep_token", "[SEP]"},
                                          {"pad_token", "[PAD]"},
                                          {"cls_token", "[CLS]"},
                                          {"mask_token", "[MASK]"}}};
  return kDefaults;
}

Result<std::unique_ptr<WordPiece>> make_wordpiece(const Json* tokenizer, std::string_view vocab_txt,
                                                  const TokenizerConfig& config) {
  WordPieceModel model;
  BertNormalizer normalizer;
  AddedTokens added;
  if (tokenizer != nullptr) {
    CINESCRIBE_ASSIGN(model, parse_wordpiece_model(member(*tokenizer, "model")));
    CINESCRIBE_ASSIGN(normalizer, parse_normalizer(member(*tokenizer, "normalizer")));
    const Json* words = member(*tokenizer, "pre_tokenizer");
    const std::string type = words == nullptr ? "" : type_of(*words);
    if (type != "BertPreTokenizer") return unsupported("a pre-tokenizer", type);
    CINESCRIBE_ASSIGN(const auto tokens, parse_added_tokens(*tokenizer));
    for (const auto& [id, token] : tokens) added.add(token, model.vocabulary);
  } else {
    CINESCRIBE_ASSIGN(model, parse_vocab_txt(vocab_txt));
    const std::string unknown = config.role("unk_token");
    if (!unknown.empty()) model.unknown = unknown;
  }
  CINESCRIBE_TRY(apply_options(config, normalizer));
  auto result = std::make_unique<BertWordPiece>(std::move(model), normalizer, std::move(added), config);
  CINESCRIBE_TRY(result->read_frame(tokenizer, config));
  return std::unique_ptr<WordPiece>(std::move(result));
}

Result<std::unique_ptr<WordPiece>> WordPiece::load(const std::filesystem::path& folder) {
  const auto attempt = [&]() -> Result<std::unique_ptr<WordPiece>> {
    std::optional<Json> json;
    std::string vocab_txt;
    std::error_code ignored;
    if (std::filesystem::exists(folder / "tokenizer.json", ignored)) {
      CINESCRIBE_ASSIGN(json, read_json_object(folder / "tokenizer.json"));
    } else {
      CINESCRIBE_ASSIGN(vocab_txt, read_vocab_txt(folder));
    }
    const Json* tokenizer = json.has_value() ? &*json : nullptr;
    CINESCRIBE_ASSIGN(const TokenizerConfig config, TokenizerConfig::read(folder, tokenizer, bert_roles()));
    return make_wordpiece(tokenizer, vocab_txt, config);
  };
  auto wordpiece = attempt();
  if (!wordpiece.ok())
    return wordpiece.error().with_context("cannot load the WordPiece tokenizer in " + folder.string());
  return wordpiece;
}

}  // namespace cinescribe::text
