// GGUF language models: nothing but the checks between a foreign file and llama.cpp. Raw bytes rarely get past the
// magic, so the input may also be a list of changes to the header of a valid file: (u16 place, u8 value), after a u32
// that cuts the file off.
#include "cinescribe/language/language_file.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>

#include "support/tiny_language.h"

namespace {

using cinescribe::language::TinyLanguage;

/// True when the bytes were accepted.
bool check(std::string_view bytes) {
  const auto shape = cinescribe::language::check_language_bytes(
      std::as_bytes(std::span<const char>(bytes.data(), bytes.size())), "fuzzed");
  if (!shape.ok()) return false;
  // What is relied on from here on.
  const auto& embedding = shape->embedding;
  const bool is_inside = embedding.first_byte <= bytes.size() && embedding.bytes <= bytes.size() - embedding.first_byte;
  const bool is_sane = shape->heads > 0 && shape->kv_heads > 0 && shape->heads % shape->kv_heads == 0 &&
                       shape->head_dim > 0 && shape->head_dim % 2 == 0 && shape->layers > 0 && shape->layers <= 512 &&
                       shape->vocabulary > 0;
  if (!is_inside || !is_sane) std::abort();
  return true;
}

struct ValidFile {
  explicit ValidFile(const TinyLanguage& tiny) : bytes(tiny.gguf().bytes()), header(tiny.gguf().header().size()) {
    if (!check(bytes)) std::abort();
  }
  std::string bytes;
  std::size_t header;
};

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ValidFile kFiles[] = {ValidFile(TinyLanguage::llama()), ValidFile(TinyLanguage::phi3())};
  check({reinterpret_cast<const char*>(data), size});
  if (size < 4) return 0;
  const ValidFile& valid = kFiles[data[0] & 1U];
  std::string changed = valid.bytes;
  std::uint32_t end = 0;
  std::memcpy(&end, data, sizeof end);
  for (std::size_t i = 4; i + 3 <= size; i += 3) {
    std::uint16_t place = 0;
    std::memcpy(&place, data + i, sizeof place);
    changed[place % valid.header] = static_cast<char>(data[i + 2]);
  }
  if (end < changed.size()) changed.resize(end);
  check(changed);
  return 0;
}
