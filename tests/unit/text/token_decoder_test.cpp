#include "cinescribe/text/token_decoder.h"

#include <gmock/gmock.h>

namespace cinescribe::text {
namespace {

using Tokens = std::vector<std::string>;

const TokenDecoder kLlama = TokenDecoder::llama(true);

TEST(TokenDecoder, marks_become_spaces_and_one_leading_space_goes) {
  EXPECT_EQ(kLlama.decode({"\xE2\x96\x81hello", "\xE2\x96\x81", "\xE2\x96\x81world"}), "hello  world");
  EXPECT_EQ(kLlama.decode({"\xE2\x96\x81\xE2\x96\x81"
                           "a"}),
            " a");
  EXPECT_EQ(TokenDecoder::llama(false).decode({"\xE2\x96\x81"
                                               "a"}),
            " a");
}

TEST(TokenDecoder, a_run_of_bytes_is_a_character_when_it_is_one) {
  EXPECT_EQ(kLlama.decode({"x", "<0xF0>", "<0x9F>", "<0x90>", "<0x88>", "y"}), "x\xF0\x9F\x90\x88y");
}

TEST(TokenDecoder, one_wrong_byte_makes_every_byte_of_its_run_a_replacement_character) {
  const std::string five = "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD";
  EXPECT_EQ(kLlama.decode({"<0xF0>", "<0x9F>", "<0x90>", "<0x88>", "<0xFF>"}), five);
  EXPECT_EQ(kLlama.decode({"<0x41>", "a", "<0xFF>"}), "Aa\xEF\xBF\xBD") << "a token between ends the run";
}

TEST(TokenDecoder, what_only_looks_like_a_byte_is_text) {
  EXPECT_EQ(kLlama.decode({"<0x4>", "<0x4G>", "<0x411>", "<1x41>"}), "<0x4><0x4G><0x411><1x41>");
}

TEST(TokenDecoder, a_decoder_of_marks_takes_them_off_the_first_token) {
  const Json json = {{"type", "Metaspace"}, {"prepend_scheme", "always"}};
  const auto decoder = TokenDecoder::parse(&json);
  ASSERT_TRUE(decoder.ok());
  EXPECT_EQ(decoder->decode({"\xE2\x96\x81"
                             "a",
                             "\xE2\x96\x81"
                             "b"}),
            "a b");
}

TEST(TokenDecoder, without_a_decoder_tokens_are_joined_with_spaces) {
  const auto decoder = TokenDecoder::parse(nullptr);
  ASSERT_TRUE(decoder.ok());
  EXPECT_EQ(decoder->decode({"a", "b"}), "a b");
}

TEST(TokenDecoder, counts_and_patterns_that_make_no_sense_are_errors) {
  for (const Json& json : {Json{{"type", "Strip"}, {"content", " "}, {"start", -1}, {"stop", 0}},
                           Json{{"type", "Strip"}, {"content", ""}, {"start", 1}, {"stop", 0}},
                           Json{{"type", "Replace"}, {"pattern", {{"Regex", "a+"}}}, {"content", ""}},
                           Json{{"type", "Replace"}, {"pattern", {{"String", ""}}}, {"content", "x"}},
                           Json{{"type", "Metaspace"}, {"replacement", "ab"}}, Json("x"), Json::array()}) {
    const auto decoder = TokenDecoder::parse(&json);
    ASSERT_FALSE(decoder.ok()) << json.dump();
    EXPECT_EQ(decoder.error().code, ErrorCode::kModel);
  }
}

TEST(TokenDecoder, clean_up_takes_spaces_before_punctuation_and_contractions) {
  EXPECT_EQ(without_tokenization_spaces("do n't stop , it 's fine ."), "don't stop, it's fine.");
}

}  // namespace
}  // namespace cinescribe::text
