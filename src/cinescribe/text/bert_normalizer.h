#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cinescribe::text {

/// What BERT does to a text before it looks for words.
///
/// @source tokenizers 0.22, normalizers BertNormalizer and pre_tokenizers BertPreTokenizer
struct BertNormalizer {
  bool is_cleaning = true;            ///< Control characters go, white space becomes a space.
  bool is_spacing_ideographs = true;  ///< A space on both sides of CJK ideographs.
  bool is_stripping_accents = true;
  bool is_lowering = true;

  /// Of valid UTF-8.
  [[nodiscard]] std::string apply(std::string_view text) const;
};

/// Words of a text (valid UTF-8): cut at white space, which goes, and around punctuation, which stays.
std::vector<std::string_view> bert_words(std::string_view text);

}  // namespace cinescribe::text
