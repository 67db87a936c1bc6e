#include "cinescribe/text/prompt_template.h"

#include <gtest/gtest.h>

namespace cinescribe::text {
namespace {

TEST(PromptTemplate, every_template_puts_pictures_before_the_instruction) {
  EXPECT_EQ(*render_prompt("vicuna", "What is shown in this image?", 1),
            "USER: <image>\nWhat is shown in this image? ASSISTANT:");
  EXPECT_EQ(*render_prompt("vicuna", "Go.", 2), "USER: <image>\n<image>\nGo. ASSISTANT:");
  EXPECT_EQ(*render_prompt("mistral", "Go.", 1), "[INST] <image>\nGo. [/INST]");
  EXPECT_EQ(*render_prompt("phi3", "Go.", 2), "<|user|>\n<|image_1|>\n<|image_2|>\nGo.<|end|>\n<|assistant|>\n");
  EXPECT_EQ(*render_prompt("phi3", "Go.", 0), "<|user|>\nGo.<|end|>\n<|assistant|>\n");
  EXPECT_EQ(*render_prompt("plain", "Go.", 1), "Go.");
}

TEST(PromptTemplate, an_unknown_template_and_a_negative_number_are_errors) {
  EXPECT_EQ(render_prompt("chatml", "Go.", 1).error().code, ErrorCode::kModel);
  EXPECT_NE(render_prompt("chatml", "Go.", 1).error().message.find("'chatml'"), std::string::npos);
  EXPECT_EQ(render_prompt("plain", "Go.", -1).error().code, ErrorCode::kUsage);
}

}  // namespace
}  // namespace cinescribe::text
