// tokenizer.model behind one byte of options: any bytes give a tokenizer that works, or an error.
#include "fuzz/text/exercise.h"

#include "cinescribe/text/tokenizer_parts.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cinescribe::text;
  if (size == 0) return 0;
  const Json options = {{"legacy", (data[0] & 1U) != 0}, {"add_prefix_space", (data[0] & 2U) != 0}};
  const auto config = TokenizerConfig::parse(options, Json(), Json(), nullptr, llama_roles());
  if (!config.ok()) std::abort();
  const auto made =
      make_tokenizer(nullptr, std::string_view(reinterpret_cast<const char*>(data + 1), size - 1), *config);
  if (made.ok()) exercise(**made, " ab <s>b\xC3\xA9 \xF0\x9F\x98\x80 abab");
  return 0;
}
