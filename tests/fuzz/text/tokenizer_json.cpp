// tokenizer.json, a NUL byte, tokenizer_config.json: any bytes give a tokenizer that works, or an error.
#include "fuzz/text/exercise.h"

#include "cinescribe/text/tokenizer_parts.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cinescribe::text;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(bytes.find('\0'), bytes.size());
  const Json tokenizer = Json::parse(bytes.substr(0, end), nullptr, false);
  if (!tokenizer.is_object()) return 0;
  const std::string_view rest = bytes.substr(std::min(end + 1, bytes.size()));
  const auto config =
      TokenizerConfig::parse(Json::parse(rest, nullptr, false), Json(), Json(), &tokenizer, llama_roles());
  if (!config.ok()) return 0;
  const auto made = make_tokenizer(&tokenizer, "", *config);
  if (made.ok()) exercise(**made, " ab <s>b\xC3\xA9<image> \xF0\x9F\x98\x80 abab");
  return 0;
}
