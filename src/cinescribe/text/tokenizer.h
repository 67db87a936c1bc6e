#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"

namespace cinescribe::text {

using TokenId = std::int32_t;

/// What a vocabulary entry is; the values are those of a GGUF's `tokenizer.ggml.token_type`.
enum class TokenKind : std::int32_t {
  kNormal = 1,
  kUnknown = 2,
  kControl = 3,
  kUserDefined = 4,
  kUnused = 5,
  kByte = 6
};

/// One entry of the vocabulary, for writing it elsewhere.
struct Token {
  std::string text;  ///< As stored: U+2581 for a space, `<0xNN>` for a byte.
  float score = 0.0F;
  TokenKind kind = TokenKind::kNormal;
};

/// The SentencePiece-style BPE tokenizer of LLaMA, Mistral and Phi checkpoints, equal to Hugging Face's
/// LlamaTokenizerFast: text is cut at added tokens, every segment is normalised by itself, merged by rank, with bytes
/// for what the vocabulary lacks. Immutable, thread-safe.
///
/// @source tokenizers 0.22 BPE with byte fallback; SentencePiece model format.
class Tokenizer {
 public:
  /// Reads the tokenizer files of a Hugging Face folder (`tokenizer.json` and/or `tokenizer.model`,
  /// `tokenizer_config.json`, `added_tokens.json`, `special_tokens_map.json`), choosing between them as transformers
  /// 4.57 does. The files are foreign: every length and index is checked. Errors: kModel.
  static Result<std::unique_ptr<Tokenizer>> load(const std::filesystem::path& folder);
  virtual ~Tokenizer() = default;
  Tokenizer(const Tokenizer&) = delete;
  Tokenizer& operator=(const Tokenizer&) = delete;

  /// Ids of `text` (UTF-8; invalid bytes count as U+FFFD). Added tokens in the text become their ids.
  /// `add_special`: also what the post-processor adds, such as the start token.
  [[nodiscard]] virtual std::vector<TokenId> encode(std::string_view text, bool add_special) const = 0;

  /// Text of `ids` as Hugging Face's decode gives it; ids outside of the vocabulary give nothing.
  [[nodiscard]] virtual std::string decode(std::span<const TokenId> ids, bool skip_special) const = 0;

  /// Entries in the order of their ids, without holes.
  [[nodiscard]] virtual const std::vector<Token>& vocabulary() const = 0;
  /// Id of an entry by its text; -1 when there is none.
  [[nodiscard]] virtual TokenId find(std::string_view token) const = 0;
  /// Whether `skip_special` leaves this id out.
  [[nodiscard]] virtual bool is_special(TokenId id) const = 0;

 protected:
  Tokenizer() = default;
};

}  // namespace cinescribe::text
