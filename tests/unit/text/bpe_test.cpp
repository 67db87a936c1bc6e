#include "cinescribe/text/bpe.h"

#include <gmock/gmock.h>

namespace cinescribe::text {
namespace {

using ::testing::ElementsAre;

/// Entries get ids 0, 1, 2 ...
Bpe make_bpe(const std::vector<std::string>& entries, const Bpe::Merges& merges, const Bpe::Options& options) {
  Vocabulary vocabulary;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    EXPECT_TRUE(vocabulary.put(entries[i], static_cast<std::int64_t>(i), entries.size()).ok());
  }
  auto bpe = Bpe::create(vocabulary, merges, options, true);
  EXPECT_TRUE(bpe.ok());
  return *std::move(bpe);
}

std::vector<TokenId> encode(const Bpe& bpe, std::string_view word) {
  std::vector<TokenId> ids;
  bpe.encode(word, ids);
  return ids;
}

TEST(Bpe, the_lowest_rank_is_merged_first_and_of_equals_the_leftmost) {
  const Bpe bpe = make_bpe({"a", "b", "c", "bc", "ab", "aa"}, {{"b", "c"}, {"a", "b"}, {"a", "a"}}, {});
  EXPECT_THAT(encode(bpe, "abc"), ElementsAre(0, 3));
  EXPECT_THAT(encode(bpe, "aaa"), ElementsAre(5, 0));
  EXPECT_THAT(encode(bpe, "aaab"), ElementsAre(5, 4));
}

TEST(Bpe, merges_that_make_each_others_parts_come_to_an_end) {
  const Bpe bpe = make_bpe({"a", "aa", "aaa", "aaaa"}, {{"a", "a"}, {"aa", "a"}, {"a", "aa"}, {"aa", "aa"}}, {});
  EXPECT_THAT(encode(bpe, "aaaaaaa"), ElementsAre(3, 2)) << "pairs from left to right, then the rest by rank";
}

TEST(Bpe, an_unknown_run_is_one_token_only_when_fused) {
  Bpe::Options options;
  options.unknown = "?";
  EXPECT_THAT(encode(make_bpe({"a", "?"}, {}, options), "xyaz"), ElementsAre(1, 1, 0, 1));
  options.fuses_unknown = true;
  EXPECT_THAT(encode(make_bpe({"a", "?"}, {}, options), "xyaz"), ElementsAre(1, 0, 1));
}

TEST(Bpe, without_an_unknown_token_what_is_unknown_is_left_out) {
  EXPECT_THAT(encode(make_bpe({"a"}, {}, {}), "xay"), ElementsAre(0));
}

TEST(Bpe, bytes_need_all_bytes_of_a_character) {
  Bpe::Options options;
  options.unknown = "?";
  options.has_byte_fallback = true;
  EXPECT_THAT(encode(make_bpe({"?", "<0xC3>", "<0xA9>"}, {}, options), "\xC3\xA9\xC3\xA8"), ElementsAre(1, 2, 0));
}

TEST(Bpe, a_word_of_the_vocabulary_may_go_before_merges) {
  Bpe::Options options;
  options.ignores_merges = true;
  EXPECT_THAT(encode(make_bpe({"a", "b", "c", "ab", "abc"}, {{"a", "b"}}, options), "abc"), ElementsAre(4));
  EXPECT_THAT(encode(make_bpe({"a", "b", "c", "ab", "abc"}, {{"a", "b"}}, {}), "abc"), ElementsAre(3, 2));
}

TEST(Bpe, scores_are_made_of_the_best_rank_that_gives_an_entry) {
  const Bpe bpe = make_bpe({"a", "b", "ab", "ba", "aba"}, {{"a", "b"}, {"b", "a"}, {"ab", "a"}, {"a", "ba"}}, {});
  const auto& tokens = bpe.vocabulary().tokens;
  EXPECT_EQ(tokens[2].score, 0.0F);
  EXPECT_EQ(tokens[3].score, -1.0F);
  EXPECT_EQ(tokens[4].score, -2.0F);
  EXPECT_LT(tokens[0].score, tokens[4].score);
}

}  // namespace
}  // namespace cinescribe::text
