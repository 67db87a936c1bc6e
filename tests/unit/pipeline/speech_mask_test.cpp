#include "cinescribe/pipeline/speech_mask.h"

#include <cmath>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

namespace cinescribe::pipeline {
namespace {

/// Hears speech in the chunks from `first` to before `last`.
class StubVoice final : public speech::VoiceActivity {
 public:
  StubVoice(int first, int last) : first_(first), last_(last) {}
  Status push(std::span<const float> samples, std::vector<float>& probabilities, const std::stop_token&) override {
    rest_ += static_cast<std::int64_t>(samples.size());
    for (; rest_ >= speech::kVadChunkSamples; rest_ -= speech::kVadChunkSamples) answer(probabilities);
    return {};
  }
  Status finish(std::vector<float>& probabilities, const std::stop_token&) override {
    if (rest_ > 0) answer(probabilities);
    return {};
  }

 private:
  void answer(std::vector<float>& probabilities) {
    probabilities.push_back(chunk_ >= first_ && chunk_ < last_ ? 0.9F : 0.1F);
    ++chunk_;
  }
  int first_;
  int last_;
  int chunk_ = 0;
  std::int64_t rest_ = 0;
};

std::vector<float> masked(int first, int last, std::size_t samples, std::size_t piece) {
  SpeechMask mask(std::make_unique<StubVoice>(first, last));
  const std::vector<float> sound(samples, 1.0F);
  std::vector<float> out;
  for (std::size_t at = 0; at < samples; at += piece) {
    EXPECT_TRUE(mask.push(std::span(sound).subspan(at, std::min(piece, samples - at)), out).ok());
    EXPECT_LE(out.size(), samples);
  }
  EXPECT_TRUE(mask.finish(out).ok());
  return out;
}

TEST(SpeechMask, SpeechBecomesExactSilenceWithRampsAndTheRestStaysAsItIs) {
  const auto out = masked(50, 100, 80'000, 8000);
  ASSERT_EQ(out.size(), 80'000U);
  const std::size_t begin = 50 * 512 - 3200;  // 200 ms before the first spoken chunk
  const std::size_t end = 100 * 512 + 3200;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const bool is_outside = i + 160 <= begin || i >= end + 159;
    const bool is_inside = i >= begin && i < end;
    ASSERT_EQ(out[i] >= 1.0F, is_outside) << i;
    ASSERT_EQ(out[i] <= 0.0F, is_inside) << i;
    ASSERT_LE(std::abs(out[i] - out[i > 0 ? i - 1 : 0]), 1.0F / 150.0F) << i;
  }
}

TEST(SpeechMask, TheSizeOfPiecesDoesNotMatter) {
  EXPECT_EQ(masked(20, 60, 50'000, 50'000), masked(20, 60, 50'000, 333));
}

TEST(SpeechMask, SpeechToTheVeryEndIsMaskedToTheEnd) {
  const auto out = masked(10, 1000, 40'000, 8000);
  ASSERT_EQ(out.size(), 40'000U);
  EXPECT_EQ(out.back(), 0.0F);
}

TEST(SpeechMask, WithoutSpeechNothingChanges) {
  EXPECT_EQ(masked(0, 0, 30'000, 700), std::vector<float>(30'000, 1.0F));
}

}  // namespace
}  // namespace cinescribe::pipeline
