#include "cinescribe/text/prompt_tokens.h"

#include "small_tokenizer.h"
#include <gmock/gmock.h>

namespace cinescribe::text {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Pieces = std::vector<PromptTokens>;

constexpr TokenId kImage = 267;

TEST(PromptTokens, llava_takes_pictures_where_the_text_says_image) {
  const auto tokenizer = small_tokenizer();
  const auto pieces = llava_prompt_tokens(*tokenizer, "d<image><image>d", 2, kImage);
  ASSERT_TRUE(pieces.ok()) << pieces.error().message;
  EXPECT_EQ(*pieces, (Pieces{{{1, 259, 263}, -1}, {{}, 0}, {{}, 1}, {{259, 263}, -1}}));
}

TEST(PromptTokens, llava_without_pictures_is_plain_text) {
  const auto pieces = llava_prompt_tokens(*small_tokenizer(), "d", 0, kImage);
  ASSERT_TRUE(pieces.ok());
  EXPECT_EQ(*pieces, (Pieces{{{1, 259, 263}, -1}}));
}

TEST(PromptTokens, llava_wants_as_many_tags_as_pictures) {
  const auto tokenizer = small_tokenizer();
  for (const int images : {0, 2}) {
    const auto wrong = llava_prompt_tokens(*tokenizer, "<image>d", images, kImage);
    ASSERT_FALSE(wrong.ok());
    EXPECT_EQ(wrong.error().code, ErrorCode::kUsage);
    EXPECT_THAT(wrong.error().message, HasSubstr("1 <image>, but there are " + std::to_string(images)));
  }
  EXPECT_EQ(llava_prompt_tokens(*tokenizer, "<image>", 1, 5).error().code, ErrorCode::kModel)
      << "the model's image token is another one";
  EXPECT_EQ(llava_prompt_tokens(*tokenizer, "<image>", 1, -1).error().code, ErrorCode::kModel);
}

TEST(PromptTokens, every_part_of_a_phi_prompt_starts_anew_even_when_it_is_empty) {
  const auto pieces = phi_prompt_tokens(*small_tokenizer(), "<|image_1|><|image_2|>d", 2);
  ASSERT_TRUE(pieces.ok()) << pieces.error().message;
  EXPECT_EQ(*pieces, (Pieces{{{1}, -1}, {{}, 0}, {{1}, -1}, {{}, 1}, {{1, 259, 263}, -1}}));
}

TEST(PromptTokens, tags_of_a_phi_prompt_are_those_of_the_pictures_in_order) {
  const auto tokenizer = small_tokenizer();
  const auto message = [&](const char* prompt, int images) {
    const auto pieces = phi_prompt_tokens(*tokenizer, prompt, images);
    if (pieces.ok()) return std::string("it is fine");
    EXPECT_EQ(pieces.error().code, ErrorCode::kUsage);
    return pieces.error().message;
  };
  EXPECT_THAT(message("<|image_2|><|image_1|>", 2), HasSubstr("<|image_2|> where <|image_1|> is expected"));
  EXPECT_THAT(message("<|image_1|><|image_1|>", 2), HasSubstr("<|image_1|> where <|image_2|> is expected"));
  EXPECT_THAT(message("<|image_0|>", 1), HasSubstr("<|image_0|> where <|image_1|>"));
  EXPECT_THAT(message("<|image_1|>", 2), HasSubstr("no <|image_2|>, but there are 2 pictures"));
  EXPECT_THAT(message("d", 1), HasSubstr("no <|image_1|>"));
  EXPECT_THAT(message("<|image_1|><|image_2|>", 1), HasSubstr("2 image tags, but there are 1"));
  EXPECT_THAT(message("<|image_99999999999999999999|>", 1), HasSubstr("where <|image_1|> is expected"));
  EXPECT_EQ(message("<|image_|><|image_1|><|image_x|><|image_2", 1), "it is fine") << "what is no tag is text";
  EXPECT_EQ(message("d", 0), "it is fine");
}

TEST(PromptTokens, instructblip_shows_its_one_picture_before_the_start_token) {
  const auto tokenizer = small_tokenizer();
  const auto pieces = instructblip_prompt_tokens(*tokenizer, "d", 1);
  ASSERT_TRUE(pieces.ok());
  EXPECT_EQ(*pieces, (Pieces{{{}, 0}, {{1, 259, 263}, -1}}));
  EXPECT_EQ(instructblip_prompt_tokens(*tokenizer, "d", 0).error().code, ErrorCode::kUsage);
  EXPECT_EQ(instructblip_prompt_tokens(*tokenizer, "d", 2).error().code, ErrorCode::kUsage);
}

TEST(PromptTokens, a_family_is_asked_for_by_its_name) {
  const auto tokenizer = small_tokenizer();
  EXPECT_EQ(prompt_tokens("instructblip", *tokenizer, "d", 1, kImage)->size(), 2U);
  EXPECT_EQ(prompt_tokens("phi3_v", *tokenizer, "d", 0, -1)->size(), 1U);
  EXPECT_EQ(prompt_tokens("llava_next", *tokenizer, "<image>", 1, kImage)->size(), 2U);
  EXPECT_EQ(prompt_tokens("blip", *tokenizer, "d", 1, kImage).error().code, ErrorCode::kModel);
}

}  // namespace
}  // namespace cinescribe::text
