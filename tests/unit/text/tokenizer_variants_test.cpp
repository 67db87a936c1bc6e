// Folders with one thing changed, and what transformers makes of them (make_tokenizer_variants.py).
#include <filesystem>
#include <fstream>

#include "support/scratch_folder.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cinescribe/text/tokenizer.h"
#include "cinescribe/text/wordpiece.h"

namespace cinescribe::text {
namespace {

using Json = nlohmann::json;
using Ids = std::vector<TokenId>;

constexpr const char* kLlama = CINESCRIBE_TEST_DATA "/parity/llava_next/vicuna_two_frames/model";
constexpr const char* kBert = CINESCRIBE_TEST_DATA "/parity/tokenizers/iblip_wordpiece";

Json read_json(const std::filesystem::path& file) {
  std::ifstream stream(file);
  return Json::parse(stream, nullptr, false);
}

/// Copies `base` as the variant changes it.
void make_folder(const std::filesystem::path& base, const Json& changes, const test::ScratchFolder& folder) {
  const Json without = changes.value("without", Json::array());
  for (const char* name : {"tokenizer.json", "tokenizer.model", "tokenizer_config.json", "special_tokens_map.json",
                           "added_tokens.json", "vocab.txt"}) {
    if (!std::filesystem::exists(base / name)) continue;
    if (std::find(without.begin(), without.end(), name) != without.end()) continue;
    if (changes.contains(name)) {
      std::ofstream(folder / name) << read_json(base / name).patch(changes.at(name)).dump();
    } else {
      std::filesystem::copy_file(base / name, folder / name);
    }
  }
}

Json variants(const char* kind) {
  const Json golden = read_json(CINESCRIBE_TEST_DATA "/text/tokenizer_variants.json");
  return golden.is_object() ? golden.at(kind) : Json::array();
}

TEST(TokenizerVariants, every_changed_folder_tokenises_and_decodes_as_transformers_does) {
  const Json all = variants("llama");
  ASSERT_GT(all.size(), 30U);
  for (const Json& variant : all) {
    SCOPED_TRACE(variant.at("name").get<std::string>());
    const test::ScratchFolder folder;
    make_folder(kLlama, variant.at("changes"), folder);
    const auto tokenizer = Tokenizer::load(folder.path());
    ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
    for (const Json& text : variant.at("texts")) {
      EXPECT_EQ((*tokenizer)->encode(text[0].get<std::string>(), true), text[1].get<Ids>()) << text[0];
      EXPECT_EQ((*tokenizer)->encode(text[0].get<std::string>(), false), text[2].get<Ids>()) << text[0];
    }
    for (const Json& ids : variant.at("ids")) {
      EXPECT_EQ((*tokenizer)->decode(ids[0].get<Ids>(), true), ids[1].get<std::string>()) << ids[0];
      EXPECT_EQ((*tokenizer)->decode(ids[0].get<Ids>(), false), ids[2].get<std::string>()) << ids[0];
    }
  }
}

TEST(TokenizerVariants, every_changed_wordpiece_folder_gives_the_ids_of_transformers) {
  const Json all = variants("bert");
  ASSERT_GT(all.size(), 8U);
  for (const Json& variant : all) {
    SCOPED_TRACE(variant.at("name").get<std::string>());
    const test::ScratchFolder folder;
    make_folder(kBert, variant.at("changes"), folder);
    const auto wordpiece = WordPiece::load(folder.path());
    ASSERT_TRUE(wordpiece.ok()) << wordpiece.error().message;
    for (const Json& text : variant.at("texts")) {
      EXPECT_EQ((*wordpiece)->encode(text[0].get<std::string>()), text[1].get<Ids>()) << text[0];
    }
  }
}

}  // namespace
}  // namespace cinescribe::text
