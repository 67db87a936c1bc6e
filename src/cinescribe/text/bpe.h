#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/text/json_file.h"
#include "cinescribe/text/tokenizer.h"

namespace cinescribe::text {

/// Map from texts that is looked up without making a string.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
using TextIds = std::unordered_map<std::string, TokenId, TextHash, std::equal_to<>>;

/// Entries of a vocabulary by id. A hole has no text and kind kUnused.
struct Vocabulary {
  std::vector<Token> tokens;
  TextIds ids;

  [[nodiscard]] TokenId find(std::string_view text) const {
    const auto found = ids.find(text);
    return found == ids.end() ? -1 : found->second;
  }
  /// Puts an entry at its place, growing the list. Errors: kModel (an id out of all proportion or taken already).
  Status put(std::string text, std::int64_t id, std::size_t expected_entries);
};

/// A vocabulary from a JSON object {"text": id}. Errors: kModel.
Result<Vocabulary> parse_vocabulary(const Json* vocab);

/// Byte-pair encoding with byte fallback: characters are merged pair by pair, lowest rank first.
///
/// @source tokenizers 0.22, models BPE
class Bpe {
 public:
  struct Options {
    std::string unknown;  ///< Text of the unknown token; empty: what is not in the vocabulary is left out.
    bool fuses_unknown = false;
    bool has_byte_fallback = false;
    bool ignores_merges = false;  ///< A word that is in the vocabulary is taken as it is.
  };
  using Merges = std::vector<std::pair<std::string, std::string>>;  ///< In order of rank.

  /// Scores of the vocabulary become minus the rank of the merge that makes an entry, if they are to be made. Errors:
  /// kModel (a merge of texts that are not in the vocabulary, an unknown token that is not there).
  static Result<Bpe> create(Vocabulary vocabulary, const Merges& merges, Options options, bool makes_scores);
  /// Reads the member "model" of a tokenizer.json. Errors: kModel.
  static Result<Bpe> parse(const Json* model);

  [[nodiscard]] const Vocabulary& vocabulary() const { return vocabulary_; }
  /// Id of the unknown token; -1 when there is none.
  [[nodiscard]] TokenId unknown() const { return unknown_; }

  /// Appends the ids of a word (valid UTF-8). Time grows with n log n.
  void encode(std::string_view word, std::vector<TokenId>& ids) const;

 private:
  struct Merge {
    std::uint32_t rank = 0;
    TokenId result = 0;
  };

  static std::uint64_t key(TokenId left, TokenId right) {
    return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32U) | static_cast<std::uint32_t>(right);
  }
  [[nodiscard]] const Merge* find_merge(TokenId left, TokenId right) const {
    const auto found = merges_.find(key(left, right));
    return found == merges_.end() ? nullptr : &found->second;
  }
  Status add_merges(const Merges& merges, bool makes_scores);
  Status mark_kinds();
  [[nodiscard]] std::vector<TokenId> characters(std::string_view word) const;
  bool append_bytes(std::string_view character, std::vector<TokenId>& ids) const;
  void merge(std::vector<TokenId>& ids) const;

  Vocabulary vocabulary_;
  Options options_;
  TokenId unknown_ = -1;
  std::vector<TokenId> byte_ids_;  ///< Of <0x00> ... <0xFF>; -1 where there is none.
  std::unordered_map<std::uint64_t, Merge> merges_;
};

}  // namespace cinescribe::text
