#include "cinescribe/text/wordpiece.h"

#include "support/scratch_folder.h"
#include <gmock/gmock.h>

#include "cinescribe/text/bert_normalizer.h"
#include "cinescribe/text/wordpiece_parts.h"

namespace cinescribe::text {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kVocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nun\n##aff\n##able\nwhat\n?\n\xE4\xB8\xAD\n";

Result<std::unique_ptr<WordPiece>> make(std::string_view vocab_txt, Json config = Json::object()) {
  const auto parsed = TokenizerConfig::parse(std::move(config), Json(), Json(), nullptr, bert_roles());
  if (!parsed.ok()) return parsed.error();
  return make_wordpiece(nullptr, vocab_txt, *parsed);
}

TEST(WordPiece, the_longest_pieces_are_taken_from_the_left) {
  const auto wordpiece = make(kVocabulary);
  ASSERT_TRUE(wordpiece.ok()) << wordpiece.error().message;
  EXPECT_EQ((*wordpiece)->size(), 11U);
  EXPECT_THAT((*wordpiece)->encode("Unaffable what?"), ElementsAre(2, 5, 6, 7, 8, 9, 3));
  EXPECT_THAT((*wordpiece)->encode(""), ElementsAre(2, 3));
}

TEST(WordPiece, a_word_that_does_not_come_out_whole_is_unknown_as_a_whole) {
  EXPECT_THAT((*make(kVocabulary))->encode("unaffx what"), ElementsAre(2, 1, 8, 3));
  EXPECT_THAT((*make(kVocabulary))->encode(std::string(101, 'u')), ElementsAre(2, 1, 3));
}

TEST(WordPiece, ideographs_stand_alone_and_accents_and_case_go) {
  EXPECT_THAT((*make(kVocabulary))->encode("WH\xC3\x84T\xE4\xB8\xAD\xE4\xB8\xAD"), ElementsAre(2, 8, 10, 10, 3));
}

TEST(WordPiece, bytes_that_are_not_utf8_are_cleaned_away) {
  EXPECT_THAT((*make(kVocabulary))
                  ->encode("wh\xFF"
                           "at"),
              ElementsAre(2, 8, 3));
}

TEST(WordPiece, special_tokens_in_the_text_are_found) {
  EXPECT_THAT((*make(kVocabulary))->encode("what[MASK]what"), ElementsAre(2, 8, 4, 8, 3));
}

TEST(WordPiece, files_that_cannot_be_are_errors) {
  EXPECT_THAT(make("").error().message, HasSubstr("vocab.txt is empty"));
  EXPECT_THAT(make("a\nb\n").error().message, HasSubstr("the unknown token '[UNK]' is not in the vocabulary"))
      << "adding it as a token of its own does not make it an entry";
  EXPECT_THAT(make("[UNK]\n\xFF\n").error().message, HasSubstr("line 2 of vocab.txt is not UTF-8"));
  EXPECT_EQ(make(kVocabulary, {{"do_lower_case", 3}}).error().code, ErrorCode::kModel);
  const test::ScratchFolder folder;
  EXPECT_THAT(WordPiece::load(folder.path()).error().message, HasSubstr("vocab.txt cannot be read"));
  std::ofstream(folder / "tokenizer.json") << R"({"model": {"type": "BPE", "vocab": {"a": 0}}})";
  EXPECT_THAT(WordPiece::load(folder.path()).error().message, HasSubstr("'BPE' is not supported"));
}

TEST(BertNormalizer, each_step_can_be_left_out) {
  const std::string text = "\xC3\x89\x07\t\xE4\xB8\xAD";
  EXPECT_EQ(BertNormalizer().apply(text), "e  \xE4\xB8\xAD ");
  EXPECT_EQ((BertNormalizer{false, false, false, false}.apply(text)), text);
  EXPECT_EQ((BertNormalizer{false, false, false, true}.apply(text)), "\xC3\xA9\x07\t\xE4\xB8\xAD");
  EXPECT_EQ((BertNormalizer{true, false, false, false}.apply(text)), "\xC3\x89 \xE4\xB8\xAD");
}

TEST(BertNormalizer, words_end_at_white_space_and_around_punctuation) {
  EXPECT_THAT(bert_words(" don't  stop. "), ElementsAre("don", "'", "t", "stop", "."));
}

}  // namespace
}  // namespace cinescribe::text
