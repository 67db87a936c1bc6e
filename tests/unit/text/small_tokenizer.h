#pragma once

#include <cstdlib>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "cinescribe/text/tokenizer_parts.h"

namespace cinescribe::text {

/// A tokenizer.json that can be read on one page: letters a to d, three merges, all bytes, LLaMA's normaliser.
inline Json small_tokenizer_json() {
  Json vocab = {{"<unk>", 0}, {"<s>", 1}, {"</s>", 2}};
  for (int byte = 0; byte < 256; ++byte) {
    constexpr const char* kDigits = "0123456789ABCDEF";
    vocab[std::string("<0x") + kDigits[byte / 16] + kDigits[byte % 16] + ">"] = 3 + byte;
  }
  int id = 259;
  for (const char* piece : {"\xE2\x96\x81", "a", "b", "c", "d", "ab", "abc",
                            "\xE2\x96\x81"
                            "a"})
    vocab[piece] = id++;
  const auto special = [](int token_id, const char* content) {
    return Json{{"id", token_id}, {"content", content}, {"normalized", false}, {"special", true}};
  };
  return {{"added_tokens", {special(0, "<unk>"), special(1, "<s>"), special(2, "</s>"), special(267, "<image>")}},
          {"normalizer",
           {{"type", "Sequence"},
            {"normalizers",
             {{{"type", "Prepend"}, {"prepend", "\xE2\x96\x81"}},
              {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "\xE2\x96\x81"}}}}}},
          {"decoder",
           {{"type", "Sequence"},
            {"decoders",
             {{{"type", "Replace"}, {"pattern", {{"String", "\xE2\x96\x81"}}}, {"content", " "}},
              {{"type", "ByteFallback"}},
              {{"type", "Fuse"}},
              {{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}}}}}},
          {"model",
           {{"type", "BPE"},
            {"unk_token", "<unk>"},
            {"fuse_unk", true},
            {"byte_fallback", true},
            {"vocab", vocab},
            {"merges", {"a b", "ab c", "\xE2\x96\x81 a"}}}}};
}

inline Result<std::unique_ptr<Tokenizer>> make_small(const Json& tokenizer, Json config = Json::object()) {
  auto parsed = TokenizerConfig::parse(std::move(config), Json(), Json(), &tokenizer, llama_roles());
  if (!parsed.ok()) return parsed.error();
  return make_tokenizer(&tokenizer, "", *parsed);
}

/// The tokenizer above.
inline std::unique_ptr<Tokenizer> small_tokenizer() {
  static const Json kJson = small_tokenizer_json();
  auto tokenizer = make_small(kJson);
  if (!tokenizer.ok()) std::abort();
  return *std::move(tokenizer);
}

}  // namespace cinescribe::text
