// A WordPiece tokenizer.json (if it begins with a brace) or vocab.txt: any bytes give a tokenizer that works, or an
// error; the bytes are its text, too.
#include "cinescribe/text/wordpiece.h"

#include <cstdlib>

#include "cinescribe/text/wordpiece_parts.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cinescribe::text;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Json tokenizer = bytes.starts_with('{') ? Json::parse(bytes, nullptr, false) : Json();
  const Json* json = tokenizer.is_object() ? &tokenizer : nullptr;
  const auto config = TokenizerConfig::parse(Json(), Json(), Json(), json, bert_roles());
  if (!config.ok()) return 0;
  const auto made = make_wordpiece(json, bytes, *config);
  if (!made.ok()) return 0;
  for (const std::string_view text : {std::string_view(" Unaff\xC3\xA9 [SEP]?\xE4\xB8\xAD"), bytes}) {
    for (const TokenId id : (*made)->encode(text)) {
      if (id < 0 || static_cast<std::size_t>(id) >= (*made)->size()) std::abort();
    }
  }
  return 0;
}
