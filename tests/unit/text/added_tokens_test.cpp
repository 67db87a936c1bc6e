#include "cinescribe/text/added_tokens.h"

#include <gtest/gtest.h>

namespace cinescribe::text {
namespace {

std::string same(std::string_view text) { return std::string(text); }

/// Pieces as one text: <id> for tokens, [text] between them.
std::string pieces_of(const std::vector<AddedToken>& tokens, std::string_view text,
                      const AddedTokens::Normalizer& normalizer = same) {
  AddedTokens added;
  for (const AddedToken& token : tokens) added.add(token, Vocabulary());
  added.prepare(normalizer);
  std::string result;
  for (const AddedTokens::Piece& piece : added.split(text)) {
    result += piece.id >= 0 ? "<" + std::to_string(piece.id) + ">" : "[" + piece.text + "]";
  }
  return result;
}

TEST(AddedTokens, the_longest_of_the_leftmost_tokens_is_taken) {
  const std::vector<AddedToken> tokens = {{.content = "ab"}, {.content = "abc"}, {.content = "bcd"}};
  EXPECT_EQ(pieces_of(tokens, "xabcdab"), "[x]<1>[d]<0>");
}

TEST(AddedTokens, spaces_beside_a_token_go_with_it_when_it_says_so) {
  EXPECT_EQ(pieces_of({{.content = "#", .takes_right_space = true}}, "a # \t\xE3\x80\x80 b"), "[a ]<0>[b]");
  EXPECT_EQ(pieces_of({{.content = "#", .takes_left_space = true}}, "a \n# b"), "[a]<0>[ b]");
  EXPECT_EQ(pieces_of({{.content = "#", .takes_left_space = true, .takes_right_space = true}}, "# # #"), "<0><0><0>");
}

TEST(AddedTokens, a_single_word_touches_no_word_character) {
  const std::vector<AddedToken> tokens = {{.content = "on", .is_single_word = true}};
  EXPECT_EQ(pieces_of(tokens, "on, once \xC3\xA9on on"), "<0>[, once \xC3\xA9on ]<0>");
}

TEST(AddedTokens, normalised_tokens_are_looked_for_in_normalised_text) {
  const auto louder = [](std::string_view text) {
    std::string result(text);
    for (char& c : result) c = c == 'a' ? 'A' : c;
    return result;
  };
  EXPECT_EQ(pieces_of({{.content = "ba", .is_normalized = true}}, "xbabA", louder), "[x]<0><0>");
  EXPECT_EQ(pieces_of({{.content = "ba"}}, "xbabA", louder), "[x]<0>[bA]");
}

TEST(AddedTokens, only_a_piece_at_the_very_start_is_the_first) {
  AddedTokens added;
  added.add({.content = "#"}, Vocabulary());
  added.prepare(same);
  EXPECT_TRUE(added.split("a#b")[0].is_first);
  EXPECT_FALSE(added.split("a#b")[2].is_first);
  EXPECT_FALSE(added.split("#b")[1].is_first);
}

TEST(AddedTokens, a_token_that_is_added_again_changes_but_stays_special) {
  AddedTokens added;
  added.add({.content = "#", .is_special = true}, Vocabulary());
  added.add({.content = "#", .takes_right_space = true}, Vocabulary());
  added.prepare(same);
  EXPECT_TRUE(added.is_special("#"));
  EXPECT_TRUE(added.token(0)->takes_right_space);
  EXPECT_EQ(added.tokens().size(), 1U);
}

TEST(AddedTokens, ids_are_those_of_the_model_or_follow_behind_it) {
  Vocabulary model;
  ASSERT_TRUE(model.put("a", 0, 2).ok());
  ASSERT_TRUE(model.put("b", 1, 2).ok());
  AddedTokens added;
  added.add({.content = "b"}, model);
  added.add({.content = "x"}, model);
  added.add({.content = "y"}, model);
  added.add({.content = ""}, model);
  EXPECT_EQ(added.find("b"), 1);
  EXPECT_EQ(added.find("x"), 2);
  EXPECT_EQ(added.find("y"), 3);
  EXPECT_EQ(added.tokens().size(), 3U);
}

}  // namespace
}  // namespace cinescribe::text
