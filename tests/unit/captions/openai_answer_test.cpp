#include "cinescribe/captions/openai_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cinescribe::captions {
namespace {

using testing::HasSubstr;

const char* const kGood =
    R"({"choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": " A d\u00f6g. "}}],
        "usage": {"prompt_tokens": 812, "completion_tokens": 5, "prompt_tokens_details": {"image_tokens": 768}}})";

TEST(OpenAiAnswer, TextAndTokensAreRead) {
  const auto answer = parse_chat_answer(kGood);
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(answer->text, "A dög.");
  EXPECT_EQ(answer->refusal, "");
  EXPECT_EQ(answer->end, ChatEnd::kStop);
  EXPECT_EQ(answer->prompt_tokens, 812);
  EXPECT_EQ(answer->completion_tokens, 5);
  EXPECT_EQ(answer->image_tokens, 768);
}

TEST(OpenAiAnswer, PartsLengthsRefusalsAndFilters) {
  const auto parts = parse_chat_answer(
      R"({"choices": [{"finish_reason": "length", "message": {"content": [{"type": "text", "text": "A "}, 7,
          {"type": "text", "text": "cat"}]}}]})");
  ASSERT_TRUE(parts.ok());
  EXPECT_EQ(parts->text, "A cat");
  EXPECT_EQ(parts->end, ChatEnd::kLength);
  const auto refused =
      parse_chat_answer(R"({"choices": [{"message": {"content": null, "refusal": "I can't\nhelp."}}]})");
  ASSERT_TRUE(refused.ok());
  EXPECT_EQ(refused->refusal, "I can't help.");
  const auto filtered = parse_chat_answer(R"({"choices": [{"finish_reason": "content_filter", "message": {}}]})");
  ASSERT_TRUE(filtered.ok());
  EXPECT_EQ(filtered->end, ChatEnd::kContentFilter);
  EXPECT_EQ(filtered->text, "");
}

TEST(OpenAiAnswer, WhatIsNoAnswerIsAnError) {
  for (const char* body :
       {"", "<html>login</html>", "[]", "{}", R"({"choices": []})", R"({"choices": 3})", R"({"choices": [7]})",
        R"({"choices": [{"message": "text"}]})", R"({"choices": [{"message": {}}]})",
        R"({"choices": [{"message": {"content": 5}}]})", R"({"choices": [{"message": {"content": null}}]})",
        "{\"choices\": [{\"message\": {\"content\": \"\xff\"}}]}"}) {
    const auto answer = parse_chat_answer(body);
    ASSERT_FALSE(answer.ok()) << body;
    EXPECT_EQ(answer.error().code, ErrorCode::kResource);
  }
  const std::string good = kGood;
  for (std::size_t length = 0; length < good.size(); ++length) {
    EXPECT_FALSE(parse_chat_answer(good.substr(0, length)).ok()) << length;
  }
  EXPECT_FALSE(parse_chat_answer(std::string(100000, '[')).ok());
  EXPECT_THAT(parse_chat_answer("<html>\x1b"
                                "login")
                  .error()
                  .message,
              HasSubstr("begins with: <html> login"));
}

TEST(OpenAiAnswer, SenselessCountsAreNone) {
  const auto answer = parse_chat_answer(
      R"({"choices": [{"message": {"content": "A"}}], "usage": {"prompt_tokens": -3, "completion_tokens": 1e300}})");
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->prompt_tokens, 0);
  EXPECT_EQ(answer->completion_tokens, 0);
  EXPECT_TRUE(parse_chat_answer(R"({"choices": [{"message": {"content": "A"}}], "usage": 7})").ok());
}

TEST(OpenAiAnswer, ContentFiltersAreToldFromOtherErrors) {
  EXPECT_TRUE(is_content_filter_error(R"({"error": {"code": "content_filter", "message": "x"}})"));
  EXPECT_TRUE(is_content_filter_error(R"({"error": {"innererror": {"code": "ResponsibleAIPolicyViolation"}}})"));
  EXPECT_FALSE(is_content_filter_error(R"({"error": {"code": "context_length_exceeded"}})"));
  EXPECT_FALSE(is_content_filter_error(R"({"error": "content_filter"})"));
  EXPECT_FALSE(is_content_filter_error("content_filter"));
}

}  // namespace
}  // namespace cinescribe::captions
