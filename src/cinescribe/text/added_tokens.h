#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "cinescribe/text/bpe.h"
#include "cinescribe/text/tokenizer.h"

namespace cinescribe::text {

/// A token that is found in the text before anything else is done to it.
struct AddedToken {
  std::string content;
  bool is_single_word = false;  ///< Only where no word character touches it.
  bool takes_left_space = false;
  bool takes_right_space = false;
  bool is_normalized = false;  ///< Looked for in the normalised text.
  bool is_special = false;

  bool operator==(const AddedToken&) const = default;
};

/// A list of texts that are looked for together: at the leftmost place, the longest one.
class TextSet {
 public:
  void add(std::string_view text, TokenId id);

  struct Match {
    std::size_t begin = 0, end = 0;
    TokenId id = -1;
  };
  /// The next match at or behind `from`; id -1 when there is none.
  [[nodiscard]] Match find(std::string_view text, std::size_t from) const;

 private:
  struct Node {
    std::map<char, std::size_t> children;
    TokenId id = -1;
  };
  std::vector<Node> nodes_ = std::vector<Node>(1);
};

/// The added tokens of a tokenizer. Tokens are added first, then `prepare` is called once.
///
/// @source tokenizers 0.22, AddedVocabulary
class AddedTokens {
 public:
  using Normalizer = std::function<std::string(std::string_view)>;

  /// Adds a token or changes one that is there. Its id is the model's id of the text, or the next free one.
  void add(const AddedToken& token, const Vocabulary& model);
  void prepare(const Normalizer& normalizer);

  /// A piece of a text: an added token, or normalised text between added tokens.
  struct Piece {
    TokenId id = -1;  ///< -1: text.
    std::string text;
    bool is_first = false;  ///< It begins where the whole text begins.
  };
  [[nodiscard]] std::vector<Piece> split(std::string_view text) const;

  /// The added token with this id; nullptr when it is none.
  [[nodiscard]] const AddedToken* token(TokenId id) const;
  [[nodiscard]] TokenId find(std::string_view content) const;
  [[nodiscard]] bool is_special(std::string_view content) const { return special_.find(content) != special_.end(); }
  [[nodiscard]] const std::map<TokenId, AddedToken>& tokens() const { return tokens_; }

 private:
  /// Calls `use_token` and `use_text` for what lies in `text`, in order.
  template <typename UseToken, typename UseText>
  void cut(std::string_view text, const TextSet& set, const UseToken& use_token, const UseText& use_text) const;

  std::vector<AddedToken> in_order_;  ///< Every form that was added.
  std::map<TokenId, AddedToken> tokens_;
  TextIds ids_;
  std::unordered_set<std::string, TextHash, std::equal_to<>> special_;
  TextSet plain_;
  TextSet normalized_;
  Normalizer normalizer_;
};

}  // namespace cinescribe::text
