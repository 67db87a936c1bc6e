#include <fstream>
#include <string>

#include "support/scratch_folder.h"
#include <gmock/gmock.h>

#include "cinescribe/quality/caption_likeness.h"
#include "cinescribe/quality/caption_set.h"
#include "cinescribe/quality/comparable_text.h"

namespace cinescribe::quality {
namespace {

using testing::HasSubstr;

std::vector<std::string> words(const std::string& text) { return comparable_words(text, TextForm::kPlain); }

TEST(CharacterLikeness, EqualsSacrebleusChrfWithBetaOne) {
  // sacrebleu 2.6.0: CHRF(beta=1).sentence_score(b, [a]).score / 100
  EXPECT_NEAR(character_likeness("a man crosses the street", "a man in red crosses a street"), 0.4973868365175386,
              1e-12);
  EXPECT_NEAR(character_likeness("rain", "train station"), 0.3730484798685291, 1e-12);
  EXPECT_NEAR(character_likeness("aaaa aaaa", "aaa"), 0.432348367029549, 1e-12);
  EXPECT_DOUBLE_EQ(character_likeness("abc", "xyz"), 0.0);
  EXPECT_DOUBLE_EQ(character_likeness("the cat", "the cat"), 1.0);
  EXPECT_DOUBLE_EQ(character_likeness("", "the cat"), 0.0);
}

TEST(CharacterLikeness, DoesNotDependOnTheOrderOfTheTexts) {
  EXPECT_DOUBLE_EQ(character_likeness("rain", "train station"), character_likeness("train station", "rain"));
}

TEST(WordLikeness, CountsSharedWordsWhateverTheirOrder) {
  // Three words shared, of four and of five: 2 * (3/4) * (3/5) / (3/4 + 3/5).
  EXPECT_DOUBLE_EQ(word_likeness(words("the dog the cat"), words("a cat and the dog")), 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(word_likeness(words("the the"), words("the")), 2.0 / 3.0) << "a word has one partner";
  EXPECT_DOUBLE_EQ(word_likeness({}, words("the")), 0.0);
}

TEST(RepetitionRate, IsTheShareOfPhrasesThatComeAgain) {
  EXPECT_DOUBLE_EQ(repetition_rate(words("a b c d e f g")), 0.0);
  EXPECT_DOUBLE_EQ(repetition_rate(words("a a a a a a")), 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(repetition_rate(words("a b c")), 0.0);
}

CaptionSet set_of(const std::string& captioner, std::map<std::int64_t, std::string> captions) {
  CaptionSet set;
  set.captioner = captioner;
  set.video = "talk.mp4";
  set.scenes = static_cast<std::int64_t>(captions.size());
  set.captions = std::move(captions);
  return set;
}

TEST(CaptionAgreement, ComparesTheSameScenesAndShowsWhatChanceGives) {
  const CaptionSet a = set_of("a", {{0, "A dog runs."}, {1, "Two men talk."}, {2, "Rain falls."}, {3, ""}});
  const CaptionSet b = set_of("b", {{0, "a dog runs"}, {1, "two men talk"}, {3, "words"}, {9, "more"}});
  const auto agreement = caption_agreement(a, b);
  ASSERT_TRUE(agreement.ok());
  EXPECT_EQ(agreement->scenes, 2);
  EXPECT_DOUBLE_EQ(agreement->character_likeness, 1.0);
  EXPECT_DOUBLE_EQ(agreement->word_likeness, 1.0);
  EXPECT_DOUBLE_EQ(agreement->chance_word_likeness, 0.0);
  EXPECT_LT(agreement->chance_character_likeness, 0.3);
}

/// Knows two meanings.
class TwoMeanings final : public SentenceModel {
 public:
  Result<std::vector<float>> embed(std::string_view text, const std::stop_token&) const override {
    if (text.find("dog") != std::string_view::npos) return std::vector<float>{1.0F, 0.0F};
    if (text.find("broken") != std::string_view::npos) return Error{ErrorCode::kModel, "no direction"};
    return std::vector<float>{0.6F, 0.8F};
  }
  Result<std::vector<float>> embed_ids(std::span<const std::int64_t>, const std::stop_token&) const override {
    return std::vector<float>{};
  }
};

TEST(CaptionAgreement, ASentenceModelComparesMeanings) {
  const TwoMeanings sentences;
  const CaptionSet a = set_of("a", {{0, "A dog runs."}, {1, "Two men talk."}});
  const CaptionSet b = set_of("b", {{0, "some dog"}, {1, "a conversation"}});
  const auto agreement = caption_agreement(a, b, &sentences);
  ASSERT_TRUE(agreement.ok());
  EXPECT_TRUE(agreement->has_meaning);
  EXPECT_NEAR(agreement->meaning_likeness, 1.0, 1e-6);
  EXPECT_NEAR(agreement->chance_meaning_likeness, 0.6, 1e-6);
  EXPECT_FALSE(caption_agreement(a, b)->has_meaning);
  EXPECT_FALSE(caption_agreement(a, set_of("b", {{0, "broken"}}), &sentences).ok());
}

TEST(CaptionAgreement, NothingInCommonIsAnError) {
  const auto none = caption_agreement(set_of("a", {{0, "x"}}), set_of("b", {{1, "x"}}));
  ASSERT_FALSE(none.ok());
  EXPECT_THAT(none.error().message, HasSubstr("no scene of talk.mp4 is described by both a and b"));
  CaptionSet other = set_of("b", {{0, "x"}});
  other.video = "film.mp4";
  EXPECT_THAT(caption_agreement(set_of("a", {{0, "x"}}), other).error().message, HasSubstr("different videos"));
}

TEST(CaptionHabits, TellLengthRepetitionAndTwins) {
  const CaptionHabits habits =
      caption_habits(set_of("a", {{0, "One two three."}, {1, "one, two, three"}, {2, "a a a a a a"}, {3, ""}}));
  EXPECT_DOUBLE_EQ(habits.mean_words, 3.0);
  EXPECT_EQ(habits.fewest_words, 0);
  EXPECT_EQ(habits.most_words, 6);
  EXPECT_EQ(habits.empties, 1);
  EXPECT_DOUBLE_EQ(habits.twin_rate, 0.5);
  EXPECT_DOUBLE_EQ(habits.repetition_rate, (2.0 / 3.0) / 4.0);
  EXPECT_EQ(caption_habits(set_of("a", {})).most_words, 0);
}

TEST(CaptionSet, AFileThatIsNoneIsNamed) {
  test::ScratchFolder scratch;
  std::ofstream(scratch / "c.json") << R"({"schema_version": 1, "scenes": 4})";
  const auto read = read_caption_set(scratch / "c.json");
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(read.error().message, HasSubstr("c.json"));
}

}  // namespace
}  // namespace cinescribe::quality
