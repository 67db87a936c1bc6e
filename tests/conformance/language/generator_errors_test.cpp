// What goes wrong costs the request that it belongs to, and nothing else.
#include <limits>
#include <string>
#include <vector>

#include "conformance/language/language_fixture.h"

#include "cinescribe/core/log.h"

namespace cinescribe::language {
namespace {

using GeneratorErrors = LanguageFixture;

TEST_F(GeneratorErrors, BadPromptsAreRefusedByNameAndOthersGoOn) {
  const TinyLanguage tiny = TinyLanguage::llama();
  const auto model = load(tiny);
  const Prompt good = random_prompt(tiny, 10, 1);
  Prompt outside = good;
  outside.pieces[0].tokens[3] = tiny.vocabulary;
  Prompt negative = good;
  negative.pieces[0].tokens[3] = -1;
  Prompt uncounted = good;
  uncounted.ids.pop_back();
  Prompt ragged = good;
  ragged.pieces.push_back({{}, std::vector<float>(33, 0.0F)});
  Prompt both = good;
  both.pieces[0].rows.resize(32);
  Prompt broken = mixed_prompt(tiny, 4, 3, 1);
  broken.pieces[1].rows[40] = std::numeric_limits<float>::quiet_NaN();
  Prompt visible = good;
  visible.ids[0] = tiny.vocabulary;
  GenerationOptions wrong = greedy(3);
  wrong.temperature = -1.0;
  GenerationOptions wide = beams(9, 3);
  GenerationOptions exact = greedy(3);
  exact.max_new_tokens.reset();
  exact.max_length = 10;
  const Run result = run(model, {},
                         {{0, good, greedy(6)},
                          {1, {}, greedy(3)},
                          {2, outside, greedy(3)},
                          {3, negative, greedy(3)},
                          {4, uncounted, greedy(3)},
                          {5, ragged, greedy(3)},
                          {6, both, greedy(3)},
                          {7, broken, greedy(3)},
                          {8, visible, greedy(3)},
                          {9, good, wrong},
                          {10, good, wide},
                          {11, good, exact},
                          {12, good, greedy(6)}});
  const std::vector<std::string> words = {"",       "empty",      "96", "-1",          "ids for", "33",
                                          "either", "not finite", "96", "temperature", "9 beams", "max_length"};
  for (std::size_t i = 1; i < words.size(); ++i) {
    const Error error = result.error(static_cast<std::int64_t>(i));
    EXPECT_EQ(error.code, ErrorCode::kUsage) << i;
    EXPECT_NE(error.message.find(words[i]), std::string::npos) << i << ": " << error.message;
  }
  expect_same(result.best(0), plain_generate(tiny, good, greedy(6))[0]);
  EXPECT_EQ(result.best(12).ids, result.best(0).ids);
}

TEST_F(GeneratorErrors, ARequestThatCanNeverFitSaysHowMuchItNeeds) {
  const TinyLanguage tiny = TinyLanguage::llama();
  const auto model = load(tiny);
  GeneratorOptions options;
  options.context_tokens = 256;
  const Run result =
      run(model, options, {{1, random_prompt(tiny, 250, 1), greedy(20)}, {2, random_prompt(tiny, 20, 2), greedy(20)}});
  EXPECT_EQ(result.error(1).code, ErrorCode::kResource);
  EXPECT_NE(result.error(1).message.find("270"), std::string::npos) << result.error(1).message;
  EXPECT_EQ(result.best(2).ids.size(), 20U);
}

TEST_F(GeneratorErrors, ALongerRequestThanTheFirstGetsALargerPool) {
  const TinyLanguage tiny = TinyLanguage::llama();
  const auto model = load(tiny);
  const Prompt large = random_prompt(tiny, 900, 1);
  GeneratorOptions options;
  options.max_sequences = 2;
  const Run result = run(model, options, {{1, random_prompt(tiny, 20, 2), greedy(20)}, {2, large, greedy(4)}});
  EXPECT_EQ(result.best(1).ids.size(), 20U);
  EXPECT_EQ(result.best(2).ids.size(), 4U);
  EXPECT_GE(result.statistics.kv_bytes, 904 * model->kv_bytes_per_token(KvType::kAuto));
}

TEST_F(GeneratorErrors, APoolBeyondTheMemoryIsRefusedWithTheNumbers) {
  const auto model = load(TinyLanguage::llama());
  GeneratorOptions options;
  options.context_tokens = std::int64_t{1} << 31;
  const auto generator = Generator::create(model, options);
  ASSERT_FALSE(generator.ok());
  EXPECT_EQ(generator.error().code, ErrorCode::kResource);
  EXPECT_NE(generator.error().message.find("GiB"), std::string::npos) << generator.error().message;
}

TEST_F(GeneratorErrors, AStopEndsTheRunAndTheGeneratorGoesOnAfterwards) {
  const TinyLanguage tiny = TinyLanguage::llama();
  const auto model = load(tiny);
  auto generator = Generator::create(model, {});
  ASSERT_TRUE(generator.ok());
  std::stop_source stop;
  int asked = 0;
  const Prompt prompt = random_prompt(tiny, 12, 3);
  const Status status = (*generator)
                            ->run(
                                [&]() -> std::optional<GenerationRequest> {
                                  return GenerationRequest{asked++, prompt, greedy(asked < 3 ? 3 : 400)};
                                },
                                [&](const GenerationOutcome& outcome) {
                                  EXPECT_TRUE(outcome.generation.ok());
                                  stop.request_stop();
                                },
                                stop.get_token());
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInterrupted);
  const Run after = run_on(**generator, {{7, prompt, greedy(8)}});
  EXPECT_TRUE(after.status.ok());
  expect_same(after.best(7), plain_generate(tiny, prompt, greedy(8))[0]);
}

TEST_F(GeneratorErrors, AStopIsObeyedInsideOfASubmission) {
  const TinyLanguage tiny = TinyLanguage::llama();
  const auto model = load(tiny);
  auto generator = Generator::create(model, {});
  ASSERT_TRUE(generator.ok());
  std::stop_source stop;
  bool is_given = false;
  const Status status =
      (*generator)
          ->run(
              [&]() -> std::optional<GenerationRequest> {
                if (is_given) return std::nullopt;
                is_given = true;
                stop.request_stop();  // the check at the start of the round has passed already
                return GenerationRequest{1, random_prompt(tiny, 300, 3), greedy(5)};
              },
              [](const GenerationOutcome&) { ADD_FAILURE() << "an outcome after the stop"; }, stop.get_token());
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInterrupted);
}

TEST_F(GeneratorErrors, ASlidingWindowBelowWhatIsNeededIsRefused) {
  const TinyLanguage tiny = TinyLanguage::llama();
  GgufBytes file = tiny.metadata();
  file.u32("llama.attention.sliding_window", 40);
  for (const auto& [name, values] : tiny.weights) file.tensor(name, tiny.shape_of(name), values);
  const std::string path = (scratch_.path() / "window.gguf").string();
  file.write(path);
  LanguageModelOptions load;
  load.threads = 1;
  auto model = LanguageModel::load(path, load);
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ((*model)->window(), 40);
  const Run result =
      run(*model, {}, {{1, random_prompt(tiny, 35, 1), greedy(6)}, {2, random_prompt(tiny, 35, 1), greedy(5)}});
  EXPECT_EQ(result.error(1).code, ErrorCode::kModel);
  EXPECT_NE(result.error(1).message.find("window of 40"), std::string::npos) << result.error(1).message;
  EXPECT_EQ(result.best(2).ids.size(), 5U);
}

TEST_F(GeneratorErrors, HeadsThatQ8CannotHoldFallBackAndSaySo) {
  std::string said;
  set_log_sink([&](LogLevel level, std::string_view message) {
    if (level == LogLevel::kWarning) said += message;
  });
  const TinyLanguage tiny = TinyLanguage::llama();
  const auto model = load(tiny);
  EXPECT_EQ(model->kv_type_for(KvType::kQ80), KvType::kF16);
  GeneratorOptions options;
  options.kv_type = KvType::kQ80;
  EXPECT_EQ(run(model, options, {{1, random_prompt(tiny, 10, 1), greedy(3)}}).best(1).ids.size(), 3U);
  set_log_sink({});
  EXPECT_NE(said.find("f16 instead of q8_0"), std::string::npos) << said;
}

TEST_F(GeneratorErrors, OptionsThatMakeNoSenseAreRefused) {
  const auto model = load(TinyLanguage::llama());
  for (const int sequences : {0, 256}) {
    GeneratorOptions options;
    options.max_sequences = sequences;
    EXPECT_EQ(Generator::create(model, options).error().code, ErrorCode::kUsage);
  }
  GeneratorOptions options;
  options.batch_tokens = 0;
  EXPECT_EQ(Generator::create(model, options).error().code, ErrorCode::kUsage);
}

}  // namespace
}  // namespace cinescribe::language
