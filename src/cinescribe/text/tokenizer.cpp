#include "cinescribe/text/tokenizer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "cinescribe/core/file.h"
#include "cinescribe/text/tokenizer_parts.h"
#include "cinescribe/text/utf8.h"

namespace cinescribe::text {
namespace {

/// Base entries and added tokens in one list; holes get names of their own.
std::vector<Token> all_tokens(const Vocabulary& base, const AddedTokens& added) {
  std::vector<Token> tokens = base.tokens;
  for (const auto& [id, token] : added.tokens()) {
    const auto at = static_cast<std::size_t>(id);
    if (tokens.size() <= at) tokens.resize(at + 1, {{}, 0.0F, TokenKind::kUnused});
    tokens[at].text = token.content;
    if (tokens[at].kind == TokenKind::kUnknown || tokens[at].kind == TokenKind::kByte) continue;
    tokens[at].kind = added.is_special(token.content) ? TokenKind::kControl : TokenKind::kUserDefined;
  }
  for (std::size_t id = 0; id < tokens.size(); ++id) {
    if (tokens[id].kind != TokenKind::kUnused) continue;
    std::string name = "<unused" + std::to_string(id) + ">";
    while (base.find(name) >= 0 || added.find(name) >= 0) name.insert(0, "<");
    tokens[id].text = std::move(name);
  }
  return tokens;
}

class AssembledTokenizer final : public Tokenizer {
 public:
  AssembledTokenizer(TokenizerParts parts, const TokenizerConfig& config) : parts_(std::move(parts)) {
    config.add_to(parts_.added, parts_.model.vocabulary());
    parts_.added.prepare([this](std::string_view text) { return parts_.normalizer.apply(text); });
    tokens_ = all_tokens(parts_.model.vocabulary(), parts_.added);
  }

  Status read_options(const TokenizerConfig& config);

  [[nodiscard]] std::vector<TokenId> encode(std::string_view text, bool add_special) const override {
    std::vector<TokenId> ids;
    if (add_special) ids = frame_.before;
    for (const AddedTokens::Piece& piece : parts_.added.split(sanitised_utf8(text))) {
      if (piece.id >= 0) {
        ids.push_back(piece.id);
      } else {
        encode_words(piece, 0, ids);
      }
    }
    if (add_special) ids.insert(ids.end(), frame_.after.begin(), frame_.after.end());
    return ids;
  }

  [[nodiscard]] std::string decode(std::span<const TokenId> ids, bool skip_special) const override {
    std::vector<std::string> texts;
    texts.reserve(ids.size());
    for (const TokenId id : ids) {
      const std::string* text = stored_text(id);
      if (text == nullptr || (skip_special && parts_.added.is_special(*text))) continue;
      texts.push_back(*text);
    }
    std::string text = parts_.decoder.decode(std::move(texts));
    return cleans_up_ ? without_tokenization_spaces(std::move(text)) : text;
  }

  [[nodiscard]] const std::vector<Token>& vocabulary() const override { return tokens_; }

  [[nodiscard]] TokenId find(std::string_view token) const override {
    const TokenId added = parts_.added.find(token);
    return added >= 0 ? added : parts_.model.vocabulary().find(token);
  }

  [[nodiscard]] bool is_special(TokenId id) const override {
    const std::string* text = stored_text(id);
    return text != nullptr && parts_.added.is_special(*text);
  }

 private:
  /// Text of an entry that the files have; nullptr for holes and ids outside.
  [[nodiscard]] const std::string* stored_text(TokenId id) const {
    if (const AddedToken* added = parts_.added.token(id)) return &added->content;
    const auto& base = parts_.model.vocabulary().tokens;
    if (id < 0 || static_cast<std::size_t>(id) >= base.size()) return nullptr;
    const Token& token = base[static_cast<std::size_t>(id)];
    return token.kind == TokenKind::kUnused ? nullptr : &token.text;
  }

  void encode_words(const AddedTokens::Piece& piece, std::size_t step, std::vector<TokenId>& ids) const {
    if (step == parts_.pre_tokenizer.size()) {
      parts_.model.encode(piece.text, ids);
      return;
    }
    bool is_first = piece.is_first;
    for (std::string& word : parts_.pre_tokenizer[step].words(piece.text, is_first)) {
      encode_words({-1, std::move(word), is_first}, step + 1, ids);
      is_first = false;
    }
  }

  TokenizerParts parts_;
  TokenFrame frame_;
  bool cleans_up_ = false;
  std::vector<Token> tokens_;
};

/// LLaMA's class ignores the post-processor of the file: start and end follow from its options.
bool is_llama_class(const TokenizerConfig& config) { return config.is_of_class(llama_roles().class_name); }

Status AssembledTokenizer::read_options(const TokenizerConfig& config) {
  CINESCRIBE_ASSIGN(cleans_up_, bool_member(config.values(), "clean_up_tokenization_spaces", false));
  if (!is_llama_class(config)) {
    CINESCRIBE_ASSIGN(frame_, parse_post_processor(parts_.post_processor, static_cast<TokenId>(tokens_.size())));
    return {};
  }
  const auto add = [&](const char* option, bool fallback, const char* role, std::vector<TokenId>& ids) -> Status {
    const bool is_given = config.values().contains(option);  // a null counts as false
    CINESCRIBE_ASSIGN(const bool is_wanted, bool_member(config.values(), option, !is_given && fallback));
    if (!is_wanted) return {};
    const TokenId id = find(config.role(role));
    if (id < 0) return Error{ErrorCode::kModel, std::string(option) + " is set, but there is no " + role};
    ids.push_back(id);
    return {};
  };
  CINESCRIBE_TRY(add("add_bos_token", true, "bos_token", frame_.before));
  return add("add_eos_token", false, "eos_token", frame_.after);
}

Result<std::string> read_optional(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return std::string();
  auto bytes = read_file(file, kMaxTokenizerFileBytes);
  if (!bytes.ok()) return Error{ErrorCode::kModel, bytes.error().message};
  return bytes;
}

}  // namespace

Result<std::unique_ptr<Tokenizer>> assemble_tokenizer(TokenizerParts parts, const TokenizerConfig& config) {
  auto tokenizer = std::make_unique<AssembledTokenizer>(std::move(parts), config);
  CINESCRIBE_TRY(tokenizer->read_options(config));
  return std::unique_ptr<Tokenizer>(std::move(tokenizer));
}

Result<std::unique_ptr<Tokenizer>> make_tokenizer(const Json* tokenizer, std::string_view sentencepiece,
                                                  const TokenizerConfig& config) {
  // LLaMA's class makes itself anew from tokenizer.model as soon as add_prefix_space is given.
  const bool is_rebuilt = is_llama_class(config) && member(config.values(), "add_prefix_space") != nullptr;
  if (tokenizer != nullptr && !is_rebuilt) {
    CINESCRIBE_ASSIGN(TokenizerParts parts, parts_of_json(*tokenizer));
    return assemble_tokenizer(std::move(parts), config);
  }
  if (sentencepiece.empty()) {
    return Error{ErrorCode::kModel, is_rebuilt ? "tokenizer_config.json sets add_prefix_space, which makes the "
                                                 "tokenizer come from tokenizer.model, but that file is missing"
                                               : "there is neither tokenizer.json nor tokenizer.model"};
  }
  CINESCRIBE_ASSIGN(TokenizerParts parts, parts_of_sentencepiece(sentencepiece, config));
  return assemble_tokenizer(std::move(parts), config);
}

Result<std::unique_ptr<Tokenizer>> Tokenizer::load(const std::filesystem::path& folder) {
  const auto attempt = [&]() -> Result<std::unique_ptr<Tokenizer>> {
    std::optional<Json> json;
    std::error_code ignored;
    if (std::filesystem::exists(folder / "tokenizer.json", ignored)) {
      CINESCRIBE_ASSIGN(json, read_json_object(folder / "tokenizer.json"));
    }
    const Json* tokenizer = json.has_value() ? &*json : nullptr;
    CINESCRIBE_ASSIGN(const TokenizerConfig config, TokenizerConfig::read(folder, tokenizer, llama_roles()));
    CINESCRIBE_ASSIGN(const std::string sentencepiece, read_optional(folder / "tokenizer.model"));
    return make_tokenizer(tokenizer, sentencepiece, config);
  };
  auto tokenizer = attempt();
  if (!tokenizer.ok()) return tokenizer.error().with_context("cannot load the tokenizer in " + folder.string());
  return tokenizer;
}

}  // namespace cinescribe::text
