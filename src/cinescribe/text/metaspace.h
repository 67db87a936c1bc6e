#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/text/json_file.h"

namespace cinescribe::text {

/// Which texts get a space mark in front.
enum class PrependScheme { kAlways, kFirst, kNever };

/// Marks spaces (as U+2581) and, where asked for, cuts the text before each mark.
///
/// @source tokenizers 0.22, pre_tokenizers Metaspace
struct Metaspace {
  std::string mark = "\xE2\x96\x81";
  PrependScheme scheme = PrependScheme::kAlways;
  bool is_splitting = true;

  /// Words of `text`; `is_first`: it begins where the whole input begins.
  [[nodiscard]] std::vector<std::string> words(std::string_view text, bool is_first) const;
};

/// A Metaspace component, of pre-tokenizers or decoders. Errors: kModel.
Result<Metaspace> parse_metaspace(const Json& component);
/// Reads the member "pre_tokenizer" of a tokenizer.json; none: the text stays in one piece. Errors: kModel.
Result<std::vector<Metaspace>> parse_pre_tokenizer(const Json* pre_tokenizer);

}  // namespace cinescribe::text
