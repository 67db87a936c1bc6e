// Greedy ids of tiny random vision-language models of six kinds, against llama.cpp's own command-line tool: positions
// in one dimension and in several (M-RoPE), pictures read causally and as a whole, whole and in tiles, rows wider than
// the model (deepstack).
#include <cstdio>
#include <map>

#include "support/gguf_pairs.h"
#include <gtest/gtest.h>

namespace cinescribe::captions {
namespace {

using test::GgufCase;

std::map<std::int64_t, Result<Caption>> describe(const std::string& pair, const std::vector<GgufCase>& cases,
                                                 int scenes_at_once) {
  std::map<std::int64_t, Result<Caption>> captions;
  const auto files = find_gguf_pair(test::gguf_pairs_folder() / pair);
  EXPECT_TRUE(files.ok()) << files.error().message;
  if (!files.ok()) return captions;
  GgufCaptionerOptions options;
  options.threads = 1;  // tiny graphs, and other tests beside
  options.scenes_at_once = scenes_at_once;
  const auto captioner = make_gguf_captioner(*files, options);
  EXPECT_TRUE(captioner.ok()) << captioner.error().message;
  if (!captioner.ok()) return captions;
  std::size_t at = 0;
  const Status status =
      (*captioner)
          ->run(
              [&]() -> std::optional<CaptionRequest> {
                if (at == cases.size()) return std::nullopt;
                return cases[at++].request;
              },
              [&](CaptionOutcome outcome) { captions.emplace(outcome.id, std::move(outcome.caption)); }, {});
  EXPECT_TRUE(status.ok()) << status.error().message;
  return captions;
}

class GgufParity : public testing::TestWithParam<std::string> {};

TEST_P(GgufParity, GreedyIdsAreThoseOfLlamaCppsOwnTool) {
  const std::vector<GgufCase> cases = test::gguf_cases(GetParam());
  ASSERT_EQ(cases.size(), 3U);
  for (const int scenes_at_once : {1, 3}) {
    const auto captions = describe(GetParam(), cases, scenes_at_once);
    ASSERT_EQ(captions.size(), cases.size());
    for (const GgufCase& one : cases) {
      const Result<Caption>& caption = captions.at(one.request.id);
      ASSERT_TRUE(caption.ok()) << caption.error().message;
      ASSERT_EQ(caption->sequences.size(), 1U);
      EXPECT_EQ(caption->sequences[0].ids, one.ids)
          << "case " << one.request.id << ", " << scenes_at_once << " at once";
      std::printf("%s case %d, %d at once: %zu ids, %d prompt tokens (%d of pictures)\n", GetParam().c_str(),
                  static_cast<int>(one.request.id), scenes_at_once, one.ids.size(), caption->prompt_tokens,
                  caption->image_tokens);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Pairs, GgufParity, testing::ValuesIn(test::gguf_pair_names()),
                         [](const auto& pair) { return pair.param; });

}  // namespace
}  // namespace cinescribe::captions
