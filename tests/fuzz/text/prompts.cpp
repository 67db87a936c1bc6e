// Prompts: any bytes are tokenised, cut at their pictures or refused, and any ids are decoded.
#include <cstring>
#include <memory>

#include "fuzz/text/exercise.h"
#include "unit/text/small_tokenizer.h"

#include "cinescribe/text/prompt_template.h"
#include "cinescribe/text/prompt_tokens.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cinescribe::text;
  static const std::unique_ptr<Tokenizer> kTokenizer = small_tokenizer();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  exercise(*kTokenizer, text);
  std::vector<TokenId> ids(size / sizeof(TokenId));
  if (!ids.empty()) std::memcpy(ids.data(), data, ids.size() * sizeof(TokenId));
  if (!is_valid_utf8(kTokenizer->decode(ids, false))) std::abort();
  for (const char* family : {"llava_next", "phi3_v", "instructblip"}) {
    for (const int images : {0, 1, 3}) {
      const auto pieces = prompt_tokens(family, *kTokenizer, text, images, 267);
      if (!pieces.ok()) continue;
      int found = 0;
      for (const PromptTokens& piece : *pieces) found += piece.image >= 0 ? 1 : 0;
      if (found != images) std::abort();
    }
  }
  return 0;
}
