// What every sound tagger keeps: YAMNet (a stub of its network), and an Audio Spectrogram Transformer in every way of
// computing it.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "support/scratch_folder.h"
#include "support/stub_yamnet.h"
#include <gtest/gtest.h>

#include "cinescribe/models/ast_import.h"
#include "cinescribe/sounds/ast_tagger.h"
#include "cinescribe/sounds/yamnet_tagger.h"

namespace cinescribe::sounds {
namespace {

struct Kind {
  std::string name;
  bool is_ast = false;
  tensor::WeightType type = tensor::WeightType::kF32;
  bool is_fused = false;
};

std::vector<float> tone(std::size_t samples, float step) {
  std::vector<float> sound(samples);
  for (std::size_t i = 0; i < samples; ++i) sound[i] = 0.4F * std::sin(static_cast<float>(i) * step);
  return sound;
}

class SoundTaggerConformance : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!GetParam().is_ast) {
      test::write_stub_yamnet(folder_.path());
      keep(load_yamnet(folder_.path(), 1));
      return;
    }
    const std::string model = CINESCRIBE_PARITY_DEFAULT "/ast/len512_strides/model";
    ASSERT_TRUE(models::import_ast(model, folder_ / "ast.gguf", GetParam().type).ok());
    AstOptions options;
    options.threads = 2;
    options.is_fused_attention = GetParam().is_fused;
    options.batch_windows = 3;
    keep(load_ast(folder_ / "ast.gguf", options));
  }
  void keep(Result<std::unique_ptr<SoundTagger>> tagger) {
    ASSERT_TRUE(tagger.ok()) << tagger.error().message;
    tagger_ = *std::move(tagger);
  }
  std::vector<std::vector<float>> rows(const std::vector<std::vector<float>>& windows) {
    const std::vector<std::span<const float>> views(windows.begin(), windows.end());
    auto answer = tagger_->logits(views, {});
    EXPECT_TRUE(answer.ok()) << (answer.ok() ? "" : answer.error().message);
    return answer.ok() ? *std::move(answer) : std::vector<std::vector<float>>(windows.size());
  }
  static void expect_near(const std::vector<float>& a, const std::vector<float>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-3) << i;
  }

  test::ScratchFolder folder_;
  std::unique_ptr<SoundTagger> tagger_;
};

TEST_P(SoundTaggerConformance, gives_a_finite_logit_per_label_for_silence_noise_and_next_to_nothing) {
  ASSERT_FALSE(tagger_->labels().empty());
  ASSERT_GT(tagger_->hop_samples(), 0U);
  ASSERT_GE(tagger_->window_samples(), tagger_->hop_samples());
  const std::size_t window = tagger_->window_samples();
  std::vector<float> square(window);
  for (std::size_t i = 0; i < window; ++i) square[i] = i / 37 % 2 == 0 ? 1.0F : -1.0F;
  const auto answer = rows({{}, {0.5F}, std::vector<float>(399, 0.1F), std::vector<float>(window, 0.0F), square});
  for (const auto& row : answer) {
    ASSERT_EQ(row.size(), tagger_->labels().size());
    EXPECT_TRUE(std::all_of(row.begin(), row.end(), [](float x) { return std::isfinite(x); }));
  }
  expect_near(answer[0], answer[1]);  // less than one frame of features is padding
}

TEST_P(SoundTaggerConformance, does_not_depend_on_what_else_is_in_the_batch) {
  const std::size_t window = tagger_->window_samples();
  const auto together =
      rows({tone(window, 0.05F), {}, tone(window / 2, 0.2F), tone(window, 0.01F), tone(window, 0.3F)});
  ASSERT_EQ(together.size(), 5U);
  expect_near(rows({tone(window, 0.05F)})[0], together[0]);
  expect_near(rows({tone(window / 2, 0.2F)})[0], together[2]);
  expect_near(rows({tone(window, 0.3F)})[0], together[4]);
}

TEST_P(SoundTaggerConformance, hears_nothing_behind_the_end_of_a_window) {
  const std::size_t window = tagger_->window_samples();
  auto longer = tone(2 * window, 0.05F);
  std::fill(longer.begin() + static_cast<std::ptrdiff_t>(window), longer.end(), 0.9F);
  expect_near(rows({tone(window, 0.05F)})[0], rows({longer})[0]);
}

TEST_P(SoundTaggerConformance, no_windows_give_no_rows) { EXPECT_TRUE(rows({}).empty()); }

TEST_P(SoundTaggerConformance, a_stop_ends_it) {
  std::stop_source stop;
  stop.request_stop();
  const std::vector<float> sound(1000, 0.1F);
  const std::span<const float> view(sound);
  const auto answer = tagger_->logits({&view, 1}, stop.get_token());
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::kInterrupted);
}

INSTANTIATE_TEST_SUITE_P(Taggers, SoundTaggerConformance,
                         testing::Values(Kind{"yamnet"}, Kind{"ast_f32", true},
                                         Kind{"ast_f32_fused", true, tensor::WeightType::kF32, true},
                                         Kind{"ast_f16", true, tensor::WeightType::kF16, true},
                                         Kind{"ast_q8_0", true, tensor::WeightType::kQ80, true}),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace cinescribe::sounds
