#pragma once

#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

#include "cinescribe/text/tokenizer.h"
#include "cinescribe/text/utf8.h"

namespace cinescribe::text {

/// Any tokenizer that loads gives ids of its vocabulary and text that is UTF-8.
inline void exercise(const Tokenizer& tokenizer, std::string_view text) {
  const auto size = static_cast<TokenId>(tokenizer.vocabulary().size());
  for (const bool is_special : {false, true}) {
    const std::vector<TokenId> ids = tokenizer.encode(text, is_special);
    for (const TokenId id : ids) {
      if (id < 0 || id >= size) std::abort();
    }
    if (!is_valid_utf8(tokenizer.decode(ids, is_special))) std::abort();
  }
  std::vector<TokenId> all(static_cast<std::size_t>(size) + 2);
  std::iota(all.begin(), all.end(), -1);
  if (!is_valid_utf8(tokenizer.decode(all, false))) std::abort();
}

}  // namespace cinescribe::text
