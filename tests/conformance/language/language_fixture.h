#pragma once

#include <map>
#include <memory>
#include <stop_token>
#include <utility>
#include <vector>

#include "support/plain_generate.h"
#include "support/scratch_folder.h"
#include "support/tiny_language.h"
#include <gtest/gtest.h>

#include "cinescribe/language/generator.h"

namespace cinescribe::language {

/// Runs requests through a generator over a tiny model.
class LanguageFixture : public testing::Test {
 protected:
  static GenerationOptions greedy(int new_tokens) {
    GenerationOptions options;
    options.max_new_tokens = new_tokens;
    return options;
  }
  static GenerationOptions beams(int count, int new_tokens) {
    GenerationOptions options = greedy(new_tokens);
    options.num_beams = count;
    return options;
  }
  /// A prompt whose tokens depend on `seed`.
  static Prompt random_prompt(const TinyLanguage& tiny, int length, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::uniform_int_distribution<TokenId> id(0, tiny.vocabulary - 1);
    std::vector<TokenId> ids(static_cast<std::size_t>(length));
    for (TokenId& each : ids) each = id(random);
    return token_prompt(std::move(ids));
  }
  /// Tokens, random rows, tokens: as captioners ask. The rows' ids are `placeholder`.
  static Prompt mixed_prompt(const TinyLanguage& tiny, int tokens, int rows, std::uint32_t seed,
                             TokenId placeholder = 7) {
    Prompt prompt = random_prompt(tiny, tokens, seed);
    std::mt19937 random(seed + 1000);
    std::normal_distribution<float> normal;
    PromptPiece picture;
    picture.rows.resize(static_cast<std::size_t>(rows) * static_cast<std::size_t>(tiny.width));
    for (float& value : picture.rows) value = normal(random);
    prompt.pieces.push_back(std::move(picture));
    prompt.ids.insert(prompt.ids.end(), static_cast<std::size_t>(rows), placeholder);
    const Prompt rest = random_prompt(tiny, 5, seed + 2000);
    prompt.pieces.push_back(rest.pieces[0]);
    prompt.ids.insert(prompt.ids.end(), rest.ids.begin(), rest.ids.end());
    return prompt;
  }

  std::shared_ptr<const LanguageModel> load(const TinyLanguage& tiny, const LanguageModelOptions& given = {}) {
    LanguageModelOptions options = given;
    if (options.threads == 0) options.threads = 1;  // more would wait for each other most of the time
    const std::string path = (scratch_.path() / ("tiny" + std::to_string(files_++) + ".gguf")).string();
    tiny.gguf().write(path);
    auto model = LanguageModel::load(path, options);
    EXPECT_TRUE(model.ok()) << model.error().message;
    return model.ok() ? *model : nullptr;
  }

  struct Run {
    std::map<std::int64_t, Result<Generation>> outcomes;
    std::vector<std::int64_t> order;
    Status status;
    GeneratorStatistics statistics;

    [[nodiscard]] const Sequence& best(std::int64_t id) const {
      const auto found = outcomes.find(id);
      static const Sequence kNone;
      EXPECT_TRUE(found != outcomes.end()) << "no outcome " << id;
      if (found == outcomes.end()) return kNone;
      EXPECT_TRUE(found->second.ok()) << found->second.error().message;
      return found->second.ok() ? found->second->sequences.at(0) : kNone;
    }
    [[nodiscard]] Error error(std::int64_t id) const {
      const auto found = outcomes.find(id);
      if (found == outcomes.end() || found->second.ok()) return {ErrorCode::kInternal, "no error"};
      return found->second.error();
    }
  };

  static Run run_on(Generator& generator, const std::vector<GenerationRequest>& requests,
                    const std::stop_token& stop = {}) {
    Run result;
    std::size_t next = 0;
    result.status = generator.run(
        [&]() -> std::optional<GenerationRequest> {
          if (next == requests.size()) return std::nullopt;
          return requests[next++];
        },
        [&](GenerationOutcome outcome) {
          result.order.push_back(outcome.id);
          result.outcomes.emplace(outcome.id, std::move(outcome.generation));
        },
        stop);
    result.statistics = generator.statistics();
    return result;
  }
  static Run run(const std::shared_ptr<const LanguageModel>& model, const GeneratorOptions& options,
                 const std::vector<GenerationRequest>& requests) {
    auto generator = Generator::create(model, options);
    EXPECT_TRUE(generator.ok()) << generator.error().message;
    if (!generator.ok()) return {};
    Run result = run_on(**generator, requests);
    EXPECT_TRUE(result.status.ok()) << result.status.error().message;
    EXPECT_EQ(result.outcomes.size(), requests.size());
    return result;
  }

  static void expect_same(const Sequence& actual, const Sequence& expected, double allowed = 2e-4) {
    EXPECT_EQ(actual.ids, expected.ids);
    EXPECT_EQ(actual.finish, expected.finish);
    ASSERT_EQ(actual.logprobs.size(), expected.logprobs.size());
    for (std::size_t i = 0; i < actual.logprobs.size(); ++i) {
      EXPECT_NEAR(static_cast<double>(actual.logprobs[i]), static_cast<double>(expected.logprobs[i]), allowed) << i;
    }
    ASSERT_EQ(actual.score.has_value(), expected.score.has_value());
    if (actual.score) {
      EXPECT_NEAR(*actual.score, *expected.score, allowed);
    }
  }

  test::ScratchFolder scratch_;
  int files_ = 0;
};

}  // namespace cinescribe::language
