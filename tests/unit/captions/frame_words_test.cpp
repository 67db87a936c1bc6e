#include "cinescribe/captions/frame_words.h"

#include <gtest/gtest.h>

namespace cinescribe::captions {
namespace {

CaptionRequest request_with(std::size_t frames, std::size_t times) {
  CaptionRequest request;
  request.prompt = "Describe.";
  for (std::size_t i = 0; i < frames; ++i) request.frames.emplace_back(4, 2, 3);
  for (std::size_t i = 0; i < times; ++i) {
    request.frame_times.push_back(Timestamp::from_seconds(61.5 + static_cast<double>(i)));
  }
  return request;
}

TEST(FrameWords, LabelsTellTheNumberAndTheTime) {
  EXPECT_EQ(frame_label(request_with(1, 0), 0), "");
  EXPECT_EQ(frame_label(request_with(1, 1), 0), "Frame at 00:01:01.500:");
  EXPECT_EQ(frame_label(request_with(3, 0), 1), "Frame 2 of 3:");
  EXPECT_EQ(frame_label(request_with(2, 2), 1), "Frame 2 of 2 at 00:01:02.500:");
}

TEST(FrameWords, ReasoningIsNoPartOfTheCaption) {
  EXPECT_EQ(without_reasoning("  A dog.\n"), "A dog.");
  EXPECT_EQ(without_reasoning("<think>\nhm <b>\n</think>\n\nA dog."), "A dog.");
  EXPECT_EQ(without_reasoning("<think>for ever"), "");
  EXPECT_EQ(without_reasoning("A <think> tag."), "A <think> tag.");
  EXPECT_EQ(without_reasoning(""), "");
}

TEST(FrameWords, UnusableRequestsAreNamed) {
  EXPECT_TRUE(check_request(request_with(2, 2)).ok());
  EXPECT_FALSE(check_request(request_with(0, 0)).ok());
  EXPECT_FALSE(check_request(request_with(2, 1)).ok());
  CaptionRequest grey = request_with(1, 0);
  grey.frames[0] = Image(4, 2, 1);
  EXPECT_FALSE(check_request(grey).ok());
  CaptionRequest cut = request_with(1, 0);
  cut.frames[0].pixels.pop_back();
  EXPECT_FALSE(check_request(cut).ok());
  CaptionRequest silent = request_with(1, 0);
  silent.prompt = " \n";
  silent.id = 17;
  const Status status = check_request(silent);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kUsage);
  EXPECT_NE(status.error().message.find("scene 17"), std::string::npos);
}

}  // namespace
}  // namespace cinescribe::captions
