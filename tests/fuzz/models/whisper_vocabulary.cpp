// Vocabularies of faster-whisper folders: words in byte-level spelling, and whole lists.
#include "cinescribe/models/whisper_vocabulary.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cinescribe;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto word = models::decode_byte_level(text);
  if (word.ok() && word->size() > text.size()) std::abort();
  for (const bool is_json : {false, true}) {
    const auto words = models::parse_whisper_vocabulary(text, is_json, 51865, "fuzzed");
    if (words.ok() && words->size() != 50257) std::abort();
  }
  return 0;
}
