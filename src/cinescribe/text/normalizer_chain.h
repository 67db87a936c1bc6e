#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/text/json_file.h"

namespace cinescribe::text {

/// What is done to the text between added tokens before it is tokenised.
///
/// @source tokenizers 0.22, normalizers Prepend and Replace (with a plain string)
class NormalizerChain {
 public:
  /// Reads the member "normalizer" of a tokenizer.json (nullptr: nothing is done). Errors: kModel.
  static Result<NormalizerChain> parse(const Json* normalizer);

  /// Puts `text` before every text that is not empty.
  void add_prepend(std::string text);
  /// Replaces every `pattern`. Precondition: the pattern is not empty.
  void add_replace(std::string pattern, std::string content);

  [[nodiscard]] std::string apply(std::string_view text) const;

 private:
  Status add(const Json& normalizer, int depth);

  struct Step {
    std::string pattern;  ///< Empty: prepend.
    std::string content;
  };
  std::vector<Step> steps_;
};

/// `text` with every `pattern` replaced. Precondition: the pattern is not empty.
std::string replaced(std::string_view text, std::string_view pattern, std::string_view content);

/// The string of a Replace component's pattern. Errors: kModel (a regular expression, an empty pattern).
Result<std::string> replace_pattern(const Json& component);

}  // namespace cinescribe::text
