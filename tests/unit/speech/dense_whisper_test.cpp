#include "cinescribe/speech/dense_whisper.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <future>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "support/random_whisper.h"
#include "support/scratch_folder.h"
#include <gtest/gtest.h>

#include "cinescribe/core/audio.h"
#include "cinescribe/speech/dense_decoder.h"
#include "cinescribe/speech/dense_encoder.h"
#include "cinescribe/speech/dense_pool.h"
#include "cinescribe/tensor/whisper_tensors.h"

namespace cinescribe::speech {
namespace {

std::vector<float> noise(std::size_t samples, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.0F, 0.1F);
  std::vector<float> sound(samples);
  std::generate(sound.begin(), sound.end(), [&] { return normal(random); });
  return sound;
}

double relative_error(std::span<const float> a, std::span<const float> b) {
  double error = 0.0;
  double size = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    error += std::pow(static_cast<double>(a[i]) - static_cast<double>(b[i]), 2);
    size += std::pow(static_cast<double>(b[i]), 2);
  }
  return std::sqrt(error / size);
}

bool never() { return false; }

/// One model with random weights for all tests.
class DenseWhisperTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<test::ScratchFolder>();
    test::write_random_whisper(path(), test::small_whisper_shape(), tensor::WeightType::kF16);
  }
  static void TearDownTestSuite() { folder_.reset(); }
  static std::filesystem::path path() { return *folder_ / "model.bin"; }

  static std::shared_ptr<const DenseWhisper> load(const DenseKernels& kernels) {
    auto model = load_dense_whisper(path(), kernels, 2);
    EXPECT_TRUE(model.ok()) << (model.ok() ? "" : model.error().message);
    return model.ok() ? *model : nullptr;
  }
  static const DenseKernels& fast() {
    return fastest_dense_kernels() != nullptr ? *fastest_dense_kernels() : portable_dense_kernels();
  }

  static std::unique_ptr<test::ScratchFolder> folder_;
};

std::unique_ptr<test::ScratchFolder> DenseWhisperTest::folder_;

TEST_F(DenseWhisperTest, weights_are_those_of_the_file_within_half_a_step) {
  const auto model = load(portable_dense_kernels());
  ASSERT_NE(model, nullptr);
  const auto file = tensor::WhisperTensors::open(path());
  ASSERT_TRUE(file.ok()) << file.error().message;
  const auto expected = file->read("decoder.token_embedding.weight");
  ASSERT_TRUE(expected.ok());
  std::vector<float> row(model->state());
  for (const std::size_t token : {std::size_t{0}, std::size_t{1023}, std::size_t{1024}, std::size_t{51864}}) {
    model->embedding.get_row(token, row);
    const auto begin = expected->begin() + static_cast<std::ptrdiff_t>(token * row.size());
    EXPECT_LT(relative_error(row, std::vector<float>(begin, begin + static_cast<std::ptrdiff_t>(row.size()))), 0.02);
  }
  EXPECT_EQ(model->vocabulary[7], " w7");
  EXPECT_EQ(model->text_blocks.size(), 2U);
}

TEST_F(DenseWhisperTest, rows_outside_a_tensor_are_refused) {
  const auto file = tensor::WhisperTensors::open(path());
  ASSERT_TRUE(file.ok());
  std::vector<float> row(128);
  EXPECT_TRUE(file->read_rows("encoder.blocks.0.attn.query.weight", 127, 1, row).ok());
  EXPECT_FALSE(file->read_rows("encoder.blocks.0.attn.query.weight", 128, 1, row).ok());
  EXPECT_FALSE(file->read_rows("encoder.blocks.0.attn.query.weight", 0, 2, row).ok());
  EXPECT_FALSE(file->read("encoder.blocks.9.attn.query.weight").ok());
}

TEST_F(DenseWhisperTest, a_damaged_file_or_other_heads_are_a_model_error) {
  const std::string bytes = test::read_bytes(path());
  test::write_bytes(*folder_ / "short.bin", std::string_view(bytes).substr(0, bytes.size() - 1));
  const auto damaged = load_dense_whisper(*folder_ / "short.bin", fast(), 1);
  ASSERT_FALSE(damaged.ok());
  EXPECT_EQ(damaged.error().code, ErrorCode::kModel);
  tensor::WhisperShape shape = test::small_whisper_shape();
  shape.n_text_head = shape.n_audio_head = 4;
  EXPECT_FALSE(fits_dense_kernels(shape));
}

TEST_F(DenseWhisperTest, fast_and_portable_kernels_encode_alike) {
  if (fastest_dense_kernels() == nullptr) GTEST_SKIP() << "this processor has only the portable kernels";
  const auto sound = noise(5 * kAudioRateHz, 1);
  EncodedSound out;
  DenseEncoder portable(load(portable_dense_kernels()));
  ASSERT_TRUE(portable.encode(sound, 300, never, out).ok());
  const std::vector<float> expected(portable.rows().begin(), portable.rows().end());
  DenseEncoder fast_encoder(load(fast()));
  ASSERT_TRUE(fast_encoder.encode(sound, 300, never, out).ok());
  ASSERT_EQ(fast_encoder.rows().size(), 300U * 128U);
  EXPECT_LT(relative_error(fast_encoder.rows(), expected), 0.02);
}

TEST_F(DenseWhisperTest, what_was_encoded_before_does_not_matter) {
  EncodedSound out;
  DenseEncoder encoder(load(fast()));
  ASSERT_TRUE(encoder.encode(noise(4 * kAudioRateHz, 1), 200, never, out).ok());
  const std::vector<float> expected(encoder.rows().begin(), encoder.rows().end());
  ASSERT_TRUE(encoder.encode(noise(9 * kAudioRateHz, 2), 512, never, out).ok());
  ASSERT_TRUE(encoder.encode(noise(4 * kAudioRateHz, 1), 200, never, out).ok());
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), encoder.rows().begin()));
}

TEST_F(DenseWhisperTest, a_stop_ends_the_encoder) {
  EncodedSound out;
  DenseEncoder encoder(load(fast()));
  int asked = 0;
  const Status status = encoder.encode(
      noise(kAudioRateHz, 1), 512, [&] { return ++asked > 3; }, out);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInterrupted);
}

class DenseDecoderTest : public DenseWhisperTest {
 protected:
  void SetUp() override {
    model_ = load(fast());
    ASSERT_NE(model_, nullptr);
    encoder_ = std::make_unique<DenseEncoder>(model_);
    ASSERT_TRUE(encoder_->encode(noise(3 * kAudioRateHz, 1), 200, never, sounds_[0]).ok());
    ASSERT_TRUE(encoder_->encode(noise(5 * kAudioRateHz, 2), 270, never, sounds_[1]).ok());
    decoder_ = std::make_unique<DenseDecoder>(model_, std::vector<tensor::AlignmentHead>{{0, 1}, {1, 0}});
  }
  TextCache cache() { return {2, 128, 2, 2}; }
  TextRow row(TextCache& cache, std::size_t sound, int token, std::size_t position) {
    TextRow row;
    row.token = token;
    row.position = position;
    row.prompt = 100;  // all in slot 0
    row.cache = &cache;
    row.sound = &sounds_[sound];
    row.wants_logits = true;
    return row;
  }
  std::vector<float> step(std::vector<TextRow> rows) {
    std::vector<float> logits;
    decoder_->step(rows, logits);
    return logits;
  }

  std::shared_ptr<const DenseWhisper> model_;
  std::unique_ptr<DenseEncoder> encoder_;
  std::unique_ptr<DenseDecoder> decoder_;
  EncodedSound sounds_[2];
};

TEST_F(DenseDecoderTest, tokens_read_together_or_one_by_one_give_the_same_logits) {
  TextCache together = cache();
  TextCache single = cache();
  const auto all = step({row(together, 0, 5, 0), row(together, 0, 77, 1), row(together, 0, 9, 2)});
  step({row(single, 0, 5, 0)});
  step({row(single, 0, 77, 1)});
  const auto last = step({row(single, 0, 9, 2)});
  ASSERT_EQ(all.size(), 3 * last.size());
  EXPECT_LT(relative_error(last, std::span(all).last(last.size())), 1e-4);
  // The attention that is kept for word times adds up to one.
  double sum = 0.0;
  for (const std::uint16_t bits : single.attention(2, 0, 1))
    sum += static_cast<double>(std::bit_cast<float>(std::uint32_t{bits} << 16U));
  EXPECT_NEAR(sum, 1.0, 0.02);
}

TEST_F(DenseDecoderTest, windows_do_not_hear_each_other) {
  TextCache a = cache();
  TextCache b = cache();
  const auto both = step({row(a, 0, 5, 0), row(a, 0, 6, 1), row(b, 1, 5, 0)});
  TextCache c = cache();
  const auto alone = step({row(c, 1, 5, 0)});
  EXPECT_TRUE(std::equal(alone.begin(), alone.end(), both.end() - static_cast<std::ptrdiff_t>(alone.size())));
  EXPECT_GT(relative_error(std::span(both).first(alone.size()), alone), 1e-3);
}

TEST_F(DenseDecoderTest, a_text_sees_its_own_path_through_the_slots) {
  TextCache shared = cache();
  step({row(shared, 0, 5, 0)});
  // Two texts side by side in slots 0 and 1, then the second goes on in slot 0.
  TextRow first = row(shared, 0, 10, 1);
  TextRow second = row(shared, 0, 20, 1);
  first.prompt = second.prompt = 1;
  second.slot = 1;
  step({first, second});
  const std::vector<std::uint8_t> path = {1};
  TextRow next = row(shared, 0, 30, 2);
  next.prompt = 1;
  next.path = path;
  const auto branched = step({next});
  TextCache plain = cache();
  const auto straight = step({row(plain, 0, 5, 0), row(plain, 0, 20, 1), row(plain, 0, 30, 2)});
  EXPECT_LT(relative_error(branched, std::span(straight).last(branched.size())), 1e-4);
}

class DensePoolTest : public DenseWhisperTest {
 protected:
  /// Submits a window and gives what becomes of it.
  std::future<Result<DecodedWindow>> submit(DensePool& pool, unsigned seed, const std::string& language,
                                            StopCheck should_stop = never) {
    auto promise = std::make_shared<std::promise<Result<DecodedWindow>>>();
    auto window = std::make_shared<SpeechWindow>();
    window->samples = noise(2 * kAudioRateHz, seed);
    WindowJob job;
    job.window = window;
    job.language = language;
    job.options = &options_;
    job.should_stop = std::move(should_stop);
    job.on_language = [this](const Language& found) { found_ = found; };
    job.on_done = [promise](Result<DecodedWindow> result) { promise->set_value(std::move(result)); };
    auto future = promise->get_future();
    pool.submit(std::move(job));
    return future;
  }

  TranscriptionOptions options_;
  Language found_;
};

TEST_F(DensePoolTest, windows_in_a_batch_get_the_texts_that_they_get_alone) {
  options_.temperature_step = 0.0;  // random weights always look doubtful
  DensePool pool(load(fast()), {{0, 1}}, 2);
  EXPECT_GT(pool.capacity(), 2);
  std::vector<std::future<Result<DecodedWindow>>> together;
  for (unsigned seed = 0; seed < 6; ++seed) together.push_back(submit(pool, seed, "en"));
  for (unsigned seed = 0; seed < 6; ++seed) {
    const auto batched = together[seed].get();
    ASSERT_TRUE(batched.ok()) << batched.error().message;
    const auto alone = submit(pool, seed, "en").get();
    ASSERT_TRUE(alone.ok());
    ASSERT_EQ(batched->tokens.size(), alone->tokens.size()) << seed;
    EXPECT_GT(batched->tokens.size(), 0U);
    double until = 0.0;
    for (std::size_t i = 0; i < batched->tokens.size(); ++i) {
      EXPECT_EQ(batched->tokens[i].id, alone->tokens[i].id);
      EXPECT_EQ(batched->tokens[i].end_seconds, alone->tokens[i].end_seconds);
      EXPECT_GE(batched->tokens[i].begin_seconds, until);
      until = batched->tokens[i].begin_seconds;
    }
  }
}

TEST_F(DensePoolTest, beams_temperatures_and_prompts_run_to_the_end) {
  options_.beam_size = 3;
  options_.best_of = 2;
  options_.temperature_step = 1.0;  // then one more attempt, drawn
  options_.initial_prompt = " w1 w2 w3";
  options_.use_time_marks = true;
  DensePool pool(load(fast()), {{0, 1}}, 1);
  const auto result = submit(pool, 1, "de").get();
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_FALSE(result->tokens.empty());
  EXPECT_TRUE(result->tokens.front().is_timestamp);
}

TEST_F(DensePoolTest, the_language_is_found_where_none_is_given) {
  options_.temperature_step = 0.0;
  DensePool pool(load(fast()), {}, 1);
  EXPECT_TRUE(pool.is_multilingual());
  EXPECT_EQ(pool.word_times(), WordTimes::kOff);
  ASSERT_TRUE(submit(pool, 1, "").get().ok());
  EXPECT_FALSE(found_.code.empty());
  EXPECT_GT(found_.probability, 0.0);
  EXPECT_LE(found_.probability, 1.0);
}

TEST_F(DensePoolTest, a_stopped_window_is_answered_as_interrupted_and_the_others_go_on) {
  options_.temperature_step = 0.0;
  DensePool pool(load(fast()), {{0, 1}}, 1);
  auto other = submit(pool, 1, "en");
  std::atomic<int> asked{0};
  const auto stopped = submit(pool, 2, "en", [&] { return ++asked > 40; }).get();
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, ErrorCode::kInterrupted);
  EXPECT_TRUE(other.get().ok());
}

}  // namespace
}  // namespace cinescribe::speech
