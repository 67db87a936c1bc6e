// Every generator: the same tokens as plain loops, whatever else is in the batch.
#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "conformance/language/language_fixture.h"
#include <gmock/gmock.h>

namespace cinescribe::language {
namespace {

using GeneratorConformance = LanguageFixture;

TEST_F(GeneratorConformance, GreedyEqualsPlainLoops) {
  const TinyLanguage tiny = TinyLanguage::llama();
  const auto model = load(tiny);
  const Prompt prompt = random_prompt(tiny, 23, 5);
  const Run result = run(model, {}, {{1, prompt, greedy(24)}});
  expect_same(result.best(1), plain_generate(tiny, prompt, greedy(24))[0]);
  EXPECT_EQ(result.best(1).ids.size(), 24U);
}

TEST_F(GeneratorConformance, OutputsOfTheirOwnAreRead) {
  TinyLanguage tiny = TinyLanguage::llama();
  tiny.is_tied = false;
  tiny.fill(11);
  const auto model = load(tiny);
  const Prompt prompt = random_prompt(tiny, 9, 6);
  expect_same(run(model, {}, {{1, prompt, greedy(12)}}).best(1), plain_generate(tiny, prompt, greedy(12))[0]);
}

TEST_F(GeneratorConformance, RowsInPlaceOfTokensGiveTheSame) {
  const TinyLanguage tiny = TinyLanguage::llama();
  const auto model = load(tiny);
  const Prompt prompt = random_prompt(tiny, 30, 7);
  Prompt rows = prompt;
  auto embedded = model->embed(prompt.ids);
  ASSERT_TRUE(embedded.ok());
  rows.pieces = {{{}, *embedded}};
  const Run result = run(model, {}, {{1, prompt, greedy(10)}, {2, rows, greedy(10)}});
  EXPECT_EQ(result.best(1).ids, result.best(2).ids);
}

TEST_F(GeneratorConformance, PromptsOfTokensAndRowsEqualPlainLoops) {
  const TinyLanguage tiny = TinyLanguage::llama();
  const auto model = load(tiny);
  const Prompt prompt = mixed_prompt(tiny, 6, 40, 3);
  GeneratorOptions options;
  options.batch_tokens = 16;  // several chunks that cut pieces
  expect_same(run(model, options, {{1, prompt, greedy(16)}}).best(1), plain_generate(tiny, prompt, greedy(16))[0]);
}

TEST_F(GeneratorConformance, BeamsEqualPlainLoops) {
  const TinyLanguage tiny = TinyLanguage::llama();
  const auto model = load(tiny);
  for (const std::uint32_t seed : {1U, 2U, 3U}) {
    const Prompt prompt = mixed_prompt(tiny, 6, 20, seed);
    GenerationOptions options = beams(5, 14);
    options.eos_ids = {3, 11};
    options.num_return_sequences = 3;
    options.repetition_penalty = seed == 2 ? 1.3 : 1.0;
    options.no_repeat_ngram_size = seed == 3 ? 2 : 0;
    const std::vector<Sequence> expected = plain_generate(tiny, prompt, options);
    const Run result = run(model, {}, {{1, prompt, options}});
    ASSERT_TRUE(result.outcomes.at(1).ok());
    const auto& actual = result.outcomes.at(1)->sequences;
    ASSERT_EQ(actual.size(), expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i) expect_same(actual[i], expected[i]);
  }
}

std::vector<GenerationRequest> many_requests(const TinyLanguage& tiny, auto prompt_of) {
  std::vector<GenerationRequest> requests;
  for (int i = 0; i < 12; ++i) {
    GenerationRequest request;
    request.id = 100 + i;
    request.prompt = prompt_of(tiny, i);
    request.options.max_new_tokens = 6 + 3 * (i % 5);
    request.options.eos_ids = {3};
    if (i % 4 == 1) request.options.num_beams = 3;
    if (i % 4 == 2) {
      request.options.do_sample = true;
      request.options.seed = static_cast<std::uint64_t>(i);
    }
    requests.push_back(std::move(request));
  }
  return requests;
}

TEST_F(GeneratorConformance, ResultsDoNotDependOnTheBatch) {
  const TinyLanguage tiny = TinyLanguage::llama();
  const auto model = load(tiny);
  const auto requests = many_requests(tiny, [](const TinyLanguage& t, int i) {
    return i % 2 == 0 ? mixed_prompt(t, 3 + i, 1 + 10 * i, static_cast<std::uint32_t>(i))
                      : random_prompt(t, 5 + 9 * i, static_cast<std::uint32_t>(i));
  });
  GeneratorOptions options;
  options.max_sequences = 8;
  options.batch_tokens = 24;  // prompts are read in pieces between the steps of others
  const Run together = run(model, options, requests);
  for (const GenerationRequest& request : requests) {
    const Run alone = run(model, {}, {request});
    expect_same(together.best(request.id), alone.best(request.id), 1e-3);
  }
  EXPECT_EQ(together.order.size(), requests.size());
  EXPECT_FALSE(std::is_sorted(together.order.begin(), together.order.end())) << "nobody overtook anybody";
}

TEST_F(GeneratorConformance, GenerationWithoutACacheGivesTheSame) {
  const TinyLanguage tiny = TinyLanguage::llama();
  const auto model = load(tiny);
  const std::vector<GenerationRequest> requests = {{1, mixed_prompt(tiny, 4, 12, 1), greedy(9)},
                                                   {2, random_prompt(tiny, 20, 2), beams(4, 9)}};
  GeneratorOptions without;
  without.has_kv_cache = false;
  const Run plain = run(model, without, requests);
  const Run cached = run(model, {}, requests);
  for (const std::int64_t id : {1, 2}) expect_same(plain.best(id), cached.best(id));
  EXPECT_GT(plain.statistics.decode_tokens, 5 * cached.statistics.decode_tokens);
}

TEST_F(GeneratorConformance, ACommonStartIsReadOnce) {
  const TinyLanguage tiny = TinyLanguage::llama();
  const auto model = load(tiny);
  const std::vector<TokenId> start = random_prompt(tiny, 40, 9).ids;
  std::vector<GenerationRequest> requests;
  for (int i = 0; i < 6; ++i) {
    std::vector<TokenId> ids = start;
    ids.push_back(i);
    const auto rest = random_prompt(tiny, 8, static_cast<std::uint32_t>(50 + i)).ids;
    ids.insert(ids.end(), rest.begin(), rest.end());
    requests.push_back({i, token_prompt(ids), i == 2 ? beams(3, 6) : greedy(6)});
  }
  for (const int sequences : {1, 4}) {
    GeneratorOptions options;
    options.max_sequences = std::max(sequences, 3);
    if (sequences == 1) {  // one after the other: what was read before is kept
      auto generator = Generator::create(model, options);
      ASSERT_TRUE(generator.ok());
      for (const auto& request : requests) {
        const Run result = run_on(**generator, {request});
        expect_same(result.best(request.id), plain_generate(tiny, request.prompt, request.options)[0]);
      }
      EXPECT_EQ((*generator)->statistics().shared_prefix_tokens, 5 * 40);
      continue;
    }
    const Run result = run(model, options, requests);
    EXPECT_EQ(result.statistics.shared_prefix_tokens, 5 * 40);
    EXPECT_EQ(result.statistics.prefill_tokens, 6 * 49 - 5 * 40);
    for (const auto& request : requests) {
      expect_same(result.best(request.id), plain_generate(tiny, request.prompt, request.options)[0]);
    }
  }
}

TEST_F(GeneratorConformance, TheSamePicturesUnderTwoQuestionsAreReadOnce) {
  const TinyLanguage tiny = TinyLanguage::llama();
  const auto model = load(tiny);
  Prompt first = mixed_prompt(tiny, 4, 50, 1);
  Prompt second = first;
  second.pieces.back().tokens[2] = second.ids[second.ids.size() - 3] = (first.ids[first.ids.size() - 3] + 1) % 90;
  const Run result = run(model, {}, {{1, first, greedy(5)}, {2, second, greedy(5)}});
  EXPECT_EQ(result.statistics.shared_prefix_tokens, 56);
  expect_same(result.best(2), plain_generate(tiny, second, greedy(5))[0]);
}

TEST_F(GeneratorConformance, MinimumAndMaximumHold) {
  const TinyLanguage tiny = TinyLanguage::llama();
  const auto model = load(tiny);
  const Prompt prompt = random_prompt(tiny, 10, 4);
  const TokenId first = run(model, {}, {{1, prompt, greedy(1)}}).best(1).ids.at(0);
  GenerationOptions ends = greedy(20);
  ends.eos_ids = {first};
  EXPECT_THAT(run(model, {}, {{1, prompt, ends}}).best(1).ids, testing::ElementsAre(first));
  ends.min_new_tokens = 4;
  const Sequence longer = run(model, {}, {{1, prompt, ends}}).best(1);
  EXPECT_GE(longer.ids.size(), 5U);
  expect_same(longer, plain_generate(tiny, prompt, ends)[0]);
}

TEST_F(GeneratorConformance, DrawsDependOnTheSeedOnly) {
  const TinyLanguage tiny = TinyLanguage::llama();
  const auto model = load(tiny);
  GenerationOptions options = greedy(12);
  options.do_sample = true;
  options.num_return_sequences = 3;
  options.seed = 42;
  const Prompt prompt = random_prompt(tiny, 10, 4);
  const Run one = run(model, {}, {{1, prompt, options}});
  const Run two = run(model, {}, {{1, random_prompt(tiny, 20, 8), greedy(30)}, {2, prompt, options}});
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(one.outcomes.at(1)->sequences.at(i).ids, two.outcomes.at(2)->sequences.at(i).ids);
  }
  EXPECT_NE(one.outcomes.at(1)->sequences.at(0).ids, one.outcomes.at(1)->sequences.at(1).ids);
}

TEST_F(GeneratorConformance, StopStringsEndACaption) {
  const TinyLanguage tiny = TinyLanguage::llama();
  const auto model = load(tiny);
  const Prompt prompt = random_prompt(tiny, 10, 4);
  const std::vector<TokenId> ids = run(model, {}, {{1, prompt, greedy(12)}}).best(1).ids;
  GeneratorOptions options;
  options.detokenize = [](std::span<const TokenId> tokens) {
    std::string text;
    for (const TokenId id : tokens) text += "<" + std::to_string(id) + ">";
    return text;
  };
  GenerationOptions stops = greedy(12);
  stops.stop_strings = {"<" + std::to_string(ids[3]) + "><" + std::to_string(ids[4]) + ">"};
  const Sequence stopped = run(model, options, {{1, prompt, stops}}).best(1);
  EXPECT_EQ(stopped.finish, FinishReason::kStopString);
  EXPECT_EQ(stopped.ids, std::vector<TokenId>(ids.begin(), ids.begin() + 5));
}

TEST_F(GeneratorConformance, OtherTypesOfKeysAndValuesGiveNearlyTheSame) {
  TinyLanguage tiny = TinyLanguage::llama();
  tiny.head_dim = 32;
  tiny.fill(5);
  const auto model = load(tiny);
  const Prompt prompt = mixed_prompt(tiny, 5, 30, 2);
  const Sequence expected = plain_generate(tiny, prompt, greedy(1))[0];
  for (const KvType type : {KvType::kF32, KvType::kF16, KvType::kQ80}) {
    GeneratorOptions options;
    options.kv_type = type;
    expect_same(run(model, options, {{1, prompt, greedy(1)}}).best(1), expected, type == KvType::kQ80 ? 0.1 : 0.02);
  }
  EXPECT_EQ(model->kv_bytes_per_token(KvType::kF32), 2 * 2 * 2 * 32 * 4);
  EXPECT_EQ(model->kv_bytes_per_token(KvType::kQ80), 2 * 2 * 2 * 34);
}

TEST_F(GeneratorConformance, GeneratorsInTwoThreadsShareAModel) {
  const TinyLanguage tiny = TinyLanguage::llama();
  const auto model = load(tiny);
  const Prompt prompts[] = {random_prompt(tiny, 30, 1), mixed_prompt(tiny, 9, 20, 2)};
  Run results[2];
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < 2; ++i) {
      threads.emplace_back([&, i] { results[i] = run(model, {}, {{1, prompts[i], beams(2, 20)}}); });
    }
  }
  for (std::size_t i = 0; i < 2; ++i) {
    expect_same(results[i].best(1), plain_generate(tiny, prompts[i], beams(2, 20))[0]);
  }
}

TEST_F(GeneratorConformance, TimingsAndCountsAddUp) {
  const TinyLanguage tiny = TinyLanguage::llama();
  const auto model = load(tiny);
  const Run result =
      run(model, {}, {{1, random_prompt(tiny, 30, 1), greedy(5)}, {2, random_prompt(tiny, 31, 2), greedy(7)}});
  EXPECT_EQ(result.statistics.prefill_tokens, 61);
  EXPECT_EQ(result.statistics.decode_tokens, 4 + 6);
  double seconds = 0.0;
  for (const auto& [id, outcome] : result.outcomes) {
    seconds += outcome->timings.prefill_seconds + outcome->timings.decode_seconds;
    EXPECT_GT(outcome->timings.steps, 0);
  }
  EXPECT_NEAR(seconds, result.statistics.prefill_seconds + result.statistics.decode_seconds, 1e-9);
  EXPECT_GT(result.statistics.kv_bytes, 0);
  EXPECT_GT(estimated_generator_bytes(*model, {}, 1000),
            static_cast<std::uint64_t>(1000 * model->kv_bytes_per_token(KvType::kAuto)));
}

}  // namespace
}  // namespace cinescribe::language
