#include "cinescribe/text/tokenizer.h"

#include <functional>

#include "small_tokenizer.h"
#include "support/scratch_folder.h"
#include <gmock/gmock.h>

namespace cinescribe::text {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Ids = std::vector<TokenId>;

/// The message that loading gives after `change`.
std::string message_after(const std::function<void(Json&)>& change, const Json& config = Json::object()) {
  Json json = small_tokenizer_json();
  change(json);
  const auto tokenizer = make_small(json, config);
  if (tokenizer.ok()) return "it loads";
  EXPECT_EQ(tokenizer.error().code, ErrorCode::kModel);
  return tokenizer.error().message;
}

TEST(Tokenizer, text_is_merged_and_starts_with_the_start_token) {
  const auto tokenizer = small_tokenizer();
  EXPECT_THAT(tokenizer->encode("abc", true), ElementsAre(1, 259, 265));
  EXPECT_THAT(tokenizer->encode("abc", false), ElementsAre(259, 265));
  EXPECT_THAT(tokenizer->encode("", true), ElementsAre(1));
}

TEST(Tokenizer, every_text_after_an_added_token_is_normalised_by_itself) {
  const auto tokenizer = small_tokenizer();
  EXPECT_THAT(tokenizer->encode("d<image>d", true), ElementsAre(1, 259, 263, 267, 259, 263));
  EXPECT_THAT(tokenizer->encode("<image><image>", true), ElementsAre(1, 267, 267));
}

TEST(Tokenizer, what_the_vocabulary_lacks_becomes_bytes) {
  EXPECT_THAT(small_tokenizer()->encode("\xC3\xA9", false), ElementsAre(259, 3 + 0xC3, 3 + 0xA9));
}

TEST(Tokenizer, bytes_that_are_not_utf8_count_as_the_replacement_character) {
  const auto tokenizer = small_tokenizer();
  for (const char* text : {"\xFF", "\xC3", "\x80", "\xED\xA0\x80"}) {
    const Ids ids = tokenizer->encode(text, false);
    ASSERT_GE(ids.size(), 4U);
    EXPECT_THAT(Ids(ids.begin(), ids.begin() + 4), ElementsAre(259, 3 + 0xEF, 3 + 0xBF, 3 + 0xBD)) << text;
  }
}

TEST(Tokenizer, a_nul_byte_is_a_character_like_any_other) {
  EXPECT_THAT(small_tokenizer()->encode(std::string("a\0b", 3), false), ElementsAre(266, 3, 261));
}

TEST(Tokenizer, decoding_leaves_out_special_tokens_only_when_asked_to) {
  const auto tokenizer = small_tokenizer();
  const Ids ids = {1, 259, 265, 267, 2};
  EXPECT_EQ(tokenizer->decode(ids, true), "abc");
  EXPECT_EQ(tokenizer->decode(ids, false), "<s> abc<image></s>");
}

TEST(Tokenizer, ids_outside_of_the_vocabulary_decode_to_nothing) {
  const Ids ids = {-5, 260, 268, 1 << 30, 261};
  EXPECT_EQ(small_tokenizer()->decode(ids, false), "ab");
}

TEST(Tokenizer, the_vocabulary_tells_text_score_and_kind_of_every_id) {
  const auto tokenizer = small_tokenizer();
  const auto& tokens = tokenizer->vocabulary();
  ASSERT_EQ(tokens.size(), 268U);
  EXPECT_EQ(tokens[0].kind, TokenKind::kUnknown);
  EXPECT_EQ(tokens[1].kind, TokenKind::kControl);
  EXPECT_EQ(tokens[13].kind, TokenKind::kByte);
  EXPECT_EQ(tokens[13].text, "<0x0A>");
  EXPECT_EQ(tokens[264].text, "ab");
  EXPECT_EQ(tokens[264].kind, TokenKind::kNormal);
  EXPECT_EQ(tokens[267].text, "<image>");
  EXPECT_EQ(tokens[267].kind, TokenKind::kControl);
  EXPECT_GT(tokens[264].score, tokens[265].score) << "the earlier merge has the higher score";
  EXPECT_GT(tokens[265].score, tokens[260].score) << "what no merge makes comes last";
  EXPECT_EQ(tokenizer->find("<image>"), 267);
  EXPECT_EQ(tokenizer->find("abc"), 265);
  EXPECT_EQ(tokenizer->find("nothing"), -1);
  EXPECT_TRUE(tokenizer->is_special(267));
  EXPECT_FALSE(tokenizer->is_special(265));
  EXPECT_FALSE(tokenizer->is_special(-1));
}

TEST(Tokenizer, holes_in_the_ids_get_names_of_their_own) {
  Json json = small_tokenizer_json();
  json["model"]["vocab"]["z"] = 270;
  json["added_tokens"].erase(3);
  const auto tokenizer = make_small(json);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
  const auto& tokens = (*tokenizer)->vocabulary();
  ASSERT_EQ(tokens.size(), 271U);
  EXPECT_EQ(tokens[268].kind, TokenKind::kUnused);
  EXPECT_NE(tokens[267].text, tokens[268].text);
  const Ids ids = {268};
  EXPECT_EQ((*tokenizer)->decode(ids, false), "");
}

TEST(Tokenizer, a_long_prompt_without_any_space_is_no_problem) {
  const auto tokenizer = small_tokenizer();
  std::string text;
  while (text.size() < 300000) text += "abcabd";
  const Ids ids = tokenizer->encode(text, false);
  EXPECT_EQ(ids.size(), 1 + 300000 / 6 * 3);
  EXPECT_EQ(tokenizer->decode(ids, true), text);
}

TEST(TokenizerFiles, ids_that_are_no_ids_are_errors_that_name_the_token) {
  EXPECT_THAT(message_after([](Json& j) { j["model"]["vocab"]["a"] = -1; }), HasSubstr("'a' has id -1"));
  EXPECT_THAT(message_after([](Json& j) { j["model"]["vocab"]["a"] = 2000000000; }),
              HasSubstr("'a' has id 2000000000"));
  EXPECT_THAT(message_after([](Json& j) { j["model"]["vocab"]["a"] = 18446744073709551615U; }), HasSubstr("'a'"));
  EXPECT_THAT(message_after([](Json& j) { j["model"]["vocab"]["a"] = "260"; }), HasSubstr("no id"));
  EXPECT_THAT(message_after([](Json& j) { j["model"]["vocab"]["a"] = 261; }), HasSubstr("the same id 261"));
  EXPECT_THAT(message_after([](Json& j) { j["model"]["vocab"] = Json::object(); }), HasSubstr("no vocabulary"));
}

TEST(TokenizerFiles, merges_of_unknown_texts_and_merges_that_are_no_pairs_are_errors) {
  EXPECT_THAT(message_after([](Json& j) { j["model"]["merges"].push_back("a z"); }),
              HasSubstr("merge 3 ('a' and 'z')"));
  EXPECT_THAT(message_after([](Json& j) { j["model"]["merges"].push_back("d d"); }),
              HasSubstr("not in the vocabulary"));
  EXPECT_THAT(message_after([](Json& j) { j["model"]["merges"].push_back("a b c"); }), HasSubstr("no pair of texts"));
  EXPECT_THAT(message_after([](Json& j) { j["model"]["merges"].push_back("ab"); }), HasSubstr("no pair of texts"));
  EXPECT_THAT(message_after([](Json& j) { j["model"]["merges"].push_back(Json{"a", 1}); }), HasSubstr("no pair"));
  EXPECT_THAT(message_after([](Json& j) { j["model"].erase("merges"); }), HasSubstr("no list of merges"));
}

TEST(TokenizerFiles, merges_may_be_pairs_and_may_come_twice) {
  Json json = small_tokenizer_json();
  const auto pair = [](const char* left, const char* right) { return Json::array({left, right}); };
  json["model"]["merges"] = Json::array({pair("a", "b"), pair("ab", "c"), pair("a", "b")});
  const auto tokenizer = make_small(json);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
  EXPECT_THAT((*tokenizer)->encode("dabc", false), ElementsAre(259, 263, 265));
}

TEST(TokenizerFiles, components_that_cannot_be_run_here_are_named) {
  EXPECT_THAT(message_after([](Json& j) { j["model"]["type"] = "Unigram"; }), HasSubstr("'Unigram' is not supported"));
  EXPECT_THAT(message_after([](Json& j) { j["normalizer"] = {{"type", "NFKC"}}; }), HasSubstr("'NFKC'"));
  EXPECT_THAT(message_after([](Json& j) { j["pre_tokenizer"] = {{"type", "ByteLevel"}}; }), HasSubstr("'ByteLevel'"));
  EXPECT_THAT(message_after([](Json& j) { j["decoder"] = {{"type", "CTC"}}; }), HasSubstr("'CTC'"));
  EXPECT_THAT(message_after([](Json& j) { j["model"]["dropout"] = 0.1; }), HasSubstr("dropout"));
  EXPECT_THAT(message_after([](Json& j) { j["model"]["unk_token"] = "<none>"; }), HasSubstr("'<none>'"));
  EXPECT_THAT(message_after([](Json& j) { j["model"] = nullptr; }), HasSubstr("no model"));
}

TEST(TokenizerFiles, sequences_in_sequences_without_end_are_errors) {
  Json nested = {{"type", "Prepend"}, {"prepend", "x"}};
  for (int i = 0; i < 100; ++i) nested = Json{{"type", "Sequence"}, {"normalizers", Json::array({nested})}};
  EXPECT_THAT(message_after([&](Json& j) { j["normalizer"] = nested; }), HasSubstr("nested too deeply"));
}

TEST(TokenizerFiles, a_post_processor_may_only_name_ids_of_the_vocabulary) {
  const Json generic = {{"tokenizer_class", "PreTrainedTokenizerFast"}};
  const auto with_id = [](int id) {
    return [id](Json& j) {
      j["post_processor"] = {{"type", "TemplateProcessing"},
                             {"single", {{{"SpecialToken", {{"id", "x"}}}}, {{"Sequence", {{"id", "A"}}}}}},
                             {"special_tokens", {{"x", {{"ids", {id}}}}}}};
    };
  };
  EXPECT_EQ(message_after(with_id(267), generic), "it loads");
  EXPECT_THAT(message_after(with_id(268), generic), HasSubstr("268"));
  EXPECT_THAT(message_after(with_id(-1), generic), HasSubstr("-1"));
}

TEST(TokenizerFiles, a_start_token_that_is_set_but_missing_is_an_error) {
  EXPECT_THAT(message_after([](Json&) {}, {{"bos_token", nullptr}}), HasSubstr("there is no bos_token"));
}

TEST(TokenizerFiles, options_of_the_wrong_kind_are_errors) {
  EXPECT_THAT(message_after([](Json&) {}, {{"add_bos_token", "yes"}}), HasSubstr("add_bos_token"));
  EXPECT_THAT(message_after([](Json&) {}, {{"added_tokens_decoder", {{"x", {{"content", "y"}}}}}}), HasSubstr("'x'"));
  EXPECT_THAT(message_after([](Json&) {}, {{"added_tokens_decoder", {{"5", {{"special", true}}}}}}),
              HasSubstr("'content'"));
  EXPECT_THAT(message_after([](Json&) {}, {{"additional_special_tokens", "x"}}), HasSubstr("no list"));
}

TEST(TokenizerFiles, a_folder_without_a_tokenizer_and_a_damaged_file_are_errors_that_name_them) {
  const test::ScratchFolder folder;
  const auto missing = Tokenizer::load(folder.path());
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kModel);
  EXPECT_THAT(missing.error().message, HasSubstr("neither tokenizer.json nor tokenizer.model"));
  std::ofstream(folder / "tokenizer.json") << "{\"model\": ";
  const auto damaged = Tokenizer::load(folder.path());
  ASSERT_FALSE(damaged.ok());
  EXPECT_THAT(damaged.error().message, HasSubstr("tokenizer.json holds no valid JSON"));
}

}  // namespace
}  // namespace cinescribe::text
