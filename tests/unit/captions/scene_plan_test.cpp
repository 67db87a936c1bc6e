#include "cinescribe/captions/scene_plan.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cinescribe/captions/generation_profile.h"

namespace cinescribe::captions {
namespace {

/// A picture takes a token per ten columns; wider than a thousand is refused.
class StubVision final : public VisionEncoder {
 public:
  [[nodiscard]] Result<int> image_tokens(int width_px, int) const override {
    if (width_px > 1000) return Error{ErrorCode::kInput, "too wide"};
    return width_px / 10;
  }
  [[nodiscard]] Status check(const VisionTask& task) const override {
    return task.instruction.size() < 100 ? Status() : Status(Error{ErrorCode::kInput, "too many words"});
  }
  Result<std::vector<std::vector<ImageRows>>> encode(std::span<const VisionTask>, VisionTimings&,
                                                     const std::stop_token&) override {
    return std::vector<std::vector<ImageRows>>();
  }
};

/// A token per character; '<' opens a special one that ends at '>'.
class StubTokenizer final : public text::Tokenizer {
 public:
  [[nodiscard]] std::vector<text::TokenId> encode(std::string_view text, bool add_special) const override {
    std::vector<text::TokenId> ids;
    if (add_special) ids.push_back(1);
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text.substr(i).starts_with("<image>")) {
        ids.push_back(900);
        i += 6;
      } else {
        ids.push_back(100 + static_cast<unsigned char>(text[i]));
      }
    }
    return ids;
  }
  [[nodiscard]] std::string decode(std::span<const text::TokenId> ids, bool) const override {
    std::string text;
    for (const text::TokenId id : ids)
      text += id >= 100 && id < 356 ? std::string(1, static_cast<char>(id - 100)) : "?";
    return text;
  }
  [[nodiscard]] const std::vector<text::Token>& vocabulary() const override { return none_; }
  [[nodiscard]] text::TokenId find(std::string_view token) const override { return token == "<image>" ? 900 : -1; }
  [[nodiscard]] bool is_special(text::TokenId) const override { return false; }

 private:
  std::vector<text::Token> none_;
};

class ScenePlanTest : public testing::Test {
 protected:
  ScenePlanTest() {
    card_.family = "llava_next";
    card_.prompt_template = "vicuna";
    card_.tokens.image = 900;
    card_.tokens.bos = 1;
    card_.tokens.eos = {2};
    card_.language.context = 200;
  }
  static CaptionRequest request(int frames, int width = 500) {
    CaptionRequest request;
    request.prompt = "Hi";
    for (int i = 0; i < frames; ++i) request.frames.emplace_back(width, 10 + i, 3);
    request.generation.max_new_tokens = 30;
    return request;
  }
  Result<ScenePlan> plan(CaptionRequest request) {
    return plan_scene(card_, tokenizer_, vision_, options_, std::move(request));
  }

  tensor::ModelCard card_;
  StubTokenizer tokenizer_;
  StubVision vision_;
  VlmOptions options_;
};

TEST_F(ScenePlanTest, APromptIsAsLongAsItsTokensAndPictures) {
  const auto made = plan(request(2));
  ASSERT_TRUE(made.ok()) << made.error().message;
  // <s>USER: , 2 pictures with a line break each, Hi ASSISTANT:
  EXPECT_EQ(made->prompt_tokens, 1 + 6 + 2 * (50 + 1) + 13);
  EXPECT_EQ(made->new_tokens, 30);
  EXPECT_EQ(made->parts.size(), 1U);
  EXPECT_EQ(made->generation.eos_ids, (std::vector<text::TokenId>{2}));
  EXPECT_FALSE(made->is_over_context);
}

TEST_F(ScenePlanTest, OverflowIsRunRefusedOrAvoidedAsTold) {
  auto made = plan(request(4));
  ASSERT_TRUE(made.ok());
  EXPECT_TRUE(made->is_over_context);
  EXPECT_EQ(made->frames_used, 4);
  options_.on_overflow = OverflowRule::kRefuse;
  made = plan(request(4));
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code, ErrorCode::kInput);
  EXPECT_NE(made.error().message.find("200"), std::string::npos);
  options_.on_overflow = OverflowRule::kFewerFrames;
  made = plan(request(4));
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->frames_used, 2);
  EXPECT_FALSE(made->is_over_context);
  EXPECT_EQ(made->parts[0].task.images[1].height, 12);  // frames 0 and 2 of 0..3
}

TEST_F(ScenePlanTest, OneFrameStaysEvenIfItIsTooLong) {
  options_.on_overflow = OverflowRule::kFewerFrames;
  card_.language.context = 20;
  const auto made = plan(request(3));
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->frames_used, 1);
  EXPECT_TRUE(made->is_over_context);
}

TEST_F(ScenePlanTest, InstructBlipSeesAPanorama) {
  card_.family = "instructblip";
  card_.prompt_template = "plain";
  card_.tokens.bos = 2;
  CaptionRequest two = request(2, 100);
  two.frames[0] = Image(100, 10, 3);
  two.frames[1] = Image(60, 10, 3);
  two.frames[1].pixels.assign(two.frames[1].pixels.size(), 255);
  CaptionRequest again = two;
  const auto made = plan(std::move(two));
  ASSERT_TRUE(made.ok()) << made.error().message;
  ASSERT_EQ(made->parts[0].task.images.size(), 1U);
  const Image& wide = made->parts[0].task.images[0];
  EXPECT_EQ(wide.width, 160);
  EXPECT_EQ(wide.pixels.front(), 0);
  EXPECT_EQ(made->frames_used, 2);
  EXPECT_EQ(made->parts[0].task.instruction, "Hi");
  EXPECT_EQ(made->parts[0].prompt.at(1).tokens.front(), 2);
  options_.is_panorama_reversed = true;
  const auto turned = plan(std::move(again));
  ASSERT_TRUE(turned.ok());
  EXPECT_EQ(turned->parts[0].task.images[0].pixels.front(), 255);
}

TEST_F(ScenePlanTest, FrameByFrameIsAPartPerFrame) {
  options_.is_frame_by_frame = true;
  const auto made = plan(request(3));
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->parts.size(), 3U);
  EXPECT_EQ(made->frames_used, 3);
  EXPECT_EQ(made->prompt_tokens, 1 + 6 + 51 + 13);
}

TEST_F(ScenePlanTest, WhatCannotBeShownIsAnError) {
  EXPECT_EQ(plan(request(0)).error().code, ErrorCode::kUsage);
  EXPECT_EQ(plan(request(1, 2000)).error().code, ErrorCode::kInput);
  CaptionRequest wordy = request(1);
  wordy.prompt = std::string(200, 'x');
  EXPECT_EQ(plan(std::move(wordy)).error().code, ErrorCode::kInput);
  CaptionRequest raw = request(2);
  raw.is_raw_prompt = true;
  raw.prompt = "USER: <image> ASSISTANT:";
  const auto made = plan(std::move(raw));
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code, ErrorCode::kUsage);
}

TEST_F(ScenePlanTest, TextIsCutAtTheEndAndFreedOfWhatIsHidden) {
  EXPECT_EQ(caption_text(card_, tokenizer_, {132, 204, 205, 132}), "hi");
  card_.tokens.hidden = {900};
  EXPECT_EQ(caption_text(card_, tokenizer_, {204, 900, 205}), "hi");
  card_.family = "instructblip";
  card_.tokens.bos = 2;
  EXPECT_EQ(caption_text(card_, tokenizer_, {204, 205, 2, 204}), "hi");
  EXPECT_EQ(caption_text(card_, tokenizer_, {}), "");
}

TEST(GenerationProfile, ScenesOfInstructBlipHaveFiveBeamsAndALeastLengthThatWorks) {
  tensor::ModelCard card;
  card.family = "instructblip";
  card.tokens.eos = {2, 1};
  card.generation.max_length = 256;
  card.generation.do_sample = true;
  const language::GenerationOptions scenes = scene_generation(card);
  EXPECT_EQ(scenes.num_beams, 5);
  EXPECT_EQ(scenes.min_new_tokens, 10);
  EXPECT_EQ(scenes.min_length, 0);
  EXPECT_FALSE(scenes.max_length.has_value());
  const language::GenerationOptions reference = reference_generation(card);
  EXPECT_EQ(reference.num_beams, 1);
  EXPECT_EQ(reference.min_new_tokens, 0);
  EXPECT_EQ(reference.max_length, 256);
  EXPECT_FALSE(reference.do_sample);
  EXPECT_EQ(reference.eos_ids, (std::vector<text::TokenId>{2, 1}));
}

TEST(GenerationProfile, LimitsOfTheAnswerFollowTheirMeaning) {
  language::GenerationOptions options;
  EXPECT_EQ(most_new_tokens(options, 100), 20);
  options.max_length = 150;
  EXPECT_EQ(most_new_tokens(options, 100), 50);
  EXPECT_EQ(most_new_tokens(options, 200), 0);
  options.max_new_tokens = 7;
  EXPECT_EQ(most_new_tokens(options, 100), 7);
}

}  // namespace
}  // namespace cinescribe::captions
