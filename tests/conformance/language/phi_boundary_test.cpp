// Two sets of RoPE factors: short up to the original context, long beyond, for each sequence by itself. Expected is
// what computing every step anew gives (the plain loops choose the factors by the length of the sequence).
#include <vector>

#include "conformance/language/language_fixture.h"

namespace cinescribe::language {
namespace {

using PhiBoundary = LanguageFixture;

TEST_F(PhiBoundary, TheFilesOwnBoundaryIsUsedUnlessAnotherIsGiven) {
  const TinyLanguage tiny = TinyLanguage::phi3();
  EXPECT_EQ(load(tiny)->original_context(), 300);
  LanguageModelOptions options;
  options.original_context = 77;
  EXPECT_EQ(load(tiny, options)->original_context(), 77);
  EXPECT_EQ(load(TinyLanguage::llama(), options)->original_context(), 0);
}

TEST_F(PhiBoundary, PromptsBelowAtAndAboveTheBoundaryEqualPlainLoops) {
  const TinyLanguage tiny = TinyLanguage::phi3();
  const auto model = load(tiny);
  for (const int length : {40, 299, 300, 301, 340}) {
    const Prompt prompt = random_prompt(tiny, length, static_cast<std::uint32_t>(length));
    expect_same(run(model, {}, {{1, prompt, greedy(1)}}).best(1), plain_generate(tiny, prompt, greedy(1))[0], 5e-4);
  }
}

TEST_F(PhiBoundary, ASequenceThatCrossesIsReadAgainWithItsPictures) {
  const TinyLanguage tiny = TinyLanguage::phi3();
  const auto model = load(tiny);
  const Prompt prompt = mixed_prompt(tiny, 5, 280, 3);
  ASSERT_EQ(prompt.ids.size(), 290U);
  const Run result = run(model, {}, {{1, prompt, greedy(20)}});
  expect_same(result.best(1), plain_generate(tiny, prompt, greedy(20))[0], 5e-4);
  EXPECT_EQ(result.statistics.prefill_tokens, 2 * 290);
}

TEST_F(PhiBoundary, BeamsCrossTogether) {
  const TinyLanguage tiny = TinyLanguage::phi3();
  const auto model = load(tiny);
  const Prompt prompt = mixed_prompt(tiny, 5, 284, 4);
  const Run result = run(model, {}, {{1, prompt, beams(3, 12)}});
  expect_same(result.best(1), plain_generate(tiny, prompt, beams(3, 12))[0], 5e-4);
}

TEST_F(PhiBoundary, ShortAndLongSequencesInOneRunKeepTheirFactors) {
  const TinyLanguage tiny = TinyLanguage::phi3();
  const auto model = load(tiny);
  std::vector<GenerationRequest> requests;
  const int lengths[] = {20, 295, 320, 60, 298, 301, 30};
  for (int i = 0; i < 7; ++i) {
    requests.push_back({i, random_prompt(tiny, lengths[i], static_cast<std::uint32_t>(60 + i)),
                        i % 3 == 1 ? beams(2, 10) : greedy(10)});
  }
  GeneratorOptions options;
  options.max_sequences = 4;
  const Run result = run(model, options, requests);
  for (const auto& request : requests) {
    expect_same(result.best(request.id), plain_generate(tiny, request.prompt, request.options)[0], 5e-4);
  }
}

TEST_F(PhiBoundary, ABoundaryThatIsNoMultipleOfAnythingHolds) {
  TinyLanguage tiny = TinyLanguage::phi3();
  tiny.original_context = 37;
  tiny.fill(8);
  const auto model = load(tiny);
  const Prompt prompt = random_prompt(tiny, 30, 1);
  expect_same(run(model, {}, {{1, prompt, greedy(20)}}).best(1), plain_generate(tiny, prompt, greedy(20))[0], 5e-4);
  GeneratorOptions without;
  without.has_kv_cache = false;
  expect_same(run(model, without, {{1, prompt, beams(2, 14)}}).best(1), plain_generate(tiny, prompt, beams(2, 14))[0],
              5e-4);
}

}  // namespace
}  // namespace cinescribe::language
