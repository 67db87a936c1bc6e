#include <string>

#include <gmock/gmock.h>

#include "cinescribe/quality/transcript_file.h"
#include "cinescribe/quality/word_errors.h"

namespace cinescribe::quality {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Rates and counts of jiwer 4.0 (process_words, process_characters) on the same pairs.
TEST(WordErrors, EqualThoseOfJiwer) {
  struct Case {
    const char* reference;
    const char* result;
    EditCounts words;
    double wer;
    double cer;
  };
  const Case cases[] = {
      {"the cat sat on the mat", "the cat sat mat on", {4, 0, 1, 2}, 0.5, 0.36363636363636365},
      {"ask not what your country can do for you",
       "ask what your country can can do for you please",
       {8, 0, 2, 1},
       0.3333333333333333,
       0.375},
      {"a b c d e f", "x b d e f f g", {4, 1, 2, 1}, 0.6666666666666666, 0.5454545454545454},
      {"one", "two three four", {0, 1, 2, 0}, 3.0, 4.0},
  };
  for (const Case& c : cases) {
    const auto errors = word_errors(c.reference, c.result, TextForm::kExact);
    ASSERT_TRUE(errors.ok());
    EXPECT_EQ(errors->words, c.words) << c.reference;
    EXPECT_DOUBLE_EQ(errors->word_error_rate(), c.wer);
    EXPECT_DOUBLE_EQ(errors->character_error_rate(), c.cer);
  }
}

TEST(WordErrors, AReferenceWithoutWordsIsRefused) {
  const auto errors = word_errors(" ... ", "hello", TextForm::kPlain);
  ASSERT_FALSE(errors.ok());
  EXPECT_THAT(errors.error().message, HasSubstr("no words"));
}

TEST(ComparableText, CaseAndPunctuationVanishWordsAndAccentsStay) {
  EXPECT_THAT(comparable_words("Don't PANIC \u2014 it\u2019s well-known: 3.5 caf\u00c9s!", TextForm::kPlain),
              ElementsAre("dont", "panic", "its", "well", "known", "3", "5", "caf\u00e9s"));
  EXPECT_THAT(comparable_words("'quoted' snake_case", TextForm::kPlain), ElementsAre("quoted", "snake", "case"));
  EXPECT_THAT(comparable_words("\u4f60\u597d world", TextForm::kPlain), ElementsAre("\u4f60", "\u597d", "world"));
  EXPECT_THAT(comparable_words("Don't\tPANIC!", TextForm::kExact), ElementsAre("Don't", "PANIC!"));
  EXPECT_THAT(comparable_words("broken \xff\xfe bytes", TextForm::kPlain), ElementsAre("broken", "bytes"));
}

std::string text_of(const std::string& bytes, const std::string& name) {
  const auto text = transcript_text(bytes, name);
  return text.ok() ? joined(comparable_words(*text, TextForm::kExact)) : "error: " + text.error().message;
}

TEST(TranscriptFile, SubtitlesGiveTheirWordsOnly) {
  const std::string srt =
      "\xEF\xBB\xBF"
      "1\r\n00:00:00,000 --> 00:00:02,000\r\n<i>Ask not</i>\r\n{\\an8}what 3 &lt; 4\r\n\r\n"
      "2\r\n00:00:02,000 --> 00:00:03,000\r\nyour country\r\n";
  EXPECT_EQ(text_of(srt, "a.srt"), "Ask not what 3 < 4 your country");
  const std::string vtt =
      "WEBVTT - title\n\nNOTE not\nspoken\n\nSTYLE\n::cue { color: red }\n\nintro\n00:01.000 --> 00:02.000 "
      "align:start\n"
      "<v Ann>Hello &amp; good&nbsp;day\n";
  EXPECT_EQ(text_of(vtt, "A.VTT"), "Hello & good day");
  EXPECT_THAT(text_of("just words", "a.srt"), HasSubstr("no line of times"));
}

TEST(TranscriptFile, JsonOfOursAndOfOtherProgramsIsRead) {
  EXPECT_EQ(text_of(R"({"text": "no", "segments": [{"text": " one"}, {"text": "two "}]})", "t.json"), "one two");
  EXPECT_EQ(text_of(R"({"text": "alone"})", "t.json"), "alone");
  EXPECT_EQ(text_of(R"({"scenes": [{"speech": [{"text": "first"}]}, {"speech": []}]})", "t.json"), "first");
  EXPECT_EQ(text_of(R"([{"text": "a list"}])", "t.json"), "a list");
  EXPECT_THAT(text_of(R"({"segments": [{"words": 1}]})", "t.json"), HasSubstr("\"segments\" is no list"));
  EXPECT_THAT(text_of(R"({"segments": 3)", "t.json"), HasSubstr("no valid JSON"));
  EXPECT_THAT(text_of("7", "t.json"), HasSubstr("object was expected"));
  EXPECT_THAT(text_of("{}", "t.json"), HasSubstr("none of"));
}

TEST(TranscriptFile, OtherEncodingsAreRefusedByName) {
  EXPECT_THAT(text_of("caf\xe9", "latin.txt"), HasSubstr("latin.txt: it is not UTF-8"));
}

}  // namespace
}  // namespace cinescribe::quality
