// Searches over explicit logit tables: ids, scores, every finished slot, and the kept candidates of every step.
#include <span>
#include <string>
#include <vector>

#include "parity/parity_cases.h"
#include "support/generation_json.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cinescribe/language/search.h"

namespace cinescribe::language {
namespace {

using Json = nlohmann::json;

struct Case {
  std::string name;
  Json data;
  std::vector<std::vector<std::vector<float>>> table;  ///< [step][last token][vocabulary]
  double allowed = 0.0;
  parity::Errors errors;
  bool is_ok = true;
};

void expect_candidates(Case& test, const BeamSearch& search, std::size_t step) {
  const Json& rows = test.data.at("expected").at("per_step_top");
  if (step >= rows.size()) return;
  const auto candidates = search.last_candidates();
  ASSERT_EQ(candidates.size(), rows[step].size()) << test.name << " step " << step;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const double score = rows[step][i][0].get<double>();
    if (score < -1.0e8) continue;  // masked entries have no order of their own
    test.errors.add(static_cast<double>(candidates[i].score), score);
    test.is_ok = test.is_ok && candidates[i].parent == rows[step][i][1] && candidates[i].token == rows[step][i][2];
    EXPECT_EQ(candidates[i].parent, rows[step][i][1].get<int>()) << test.name << " step " << step << " rank " << i;
    EXPECT_EQ(candidates[i].token, rows[step][i][2].get<int>()) << test.name << " step " << step << " rank " << i;
  }
}

void expect_slots(Case& test, const BeamSearch& search) {
  const Json& expected = test.data.at("expected").at("finished_sequences");
  const std::vector<Sequence> finished = search.finished();
  ASSERT_EQ(finished.size(), expected.size()) << test.name;
  for (std::size_t i = 0; i < finished.size(); ++i) {
    test.is_ok = test.is_ok && finished[i].ids == expected[i].at("ids").get<std::vector<TokenId>>();
    EXPECT_EQ(finished[i].ids, expected[i].at("ids").get<std::vector<TokenId>>()) << test.name << " slot " << i;
    test.errors.add(finished[i].score.value_or(0.0), expected[i].at("score").get<double>());
  }
}

void run(Case& test) {
  const auto prompt = test.data.at("prompt_ids").get<std::vector<TokenId>>();
  GenerationOptions options = generation_options_of(test.data.at("generation"));
  options.eos_ids = test.data.at("eos_token_id").get<std::vector<TokenId>>();
  auto created = Search::create(options, prompt, test.data.at("vocab_size").get<int>(), {});
  ASSERT_TRUE(created.ok()) << test.name << ": " << created.error().message;
  Search& search = **created;
  const auto* beams = dynamic_cast<const BeamSearch*>(&search);
  ASSERT_EQ(beams != nullptr, options.num_beams > 1);

  std::vector<std::span<const float>> logits = {test.table[0][static_cast<std::size_t>(prompt.back())]};
  std::size_t step = 0;
  while (true) {
    const Status status = search.advance(logits);
    ASSERT_TRUE(status.ok()) << test.name << ": " << status.error().message;
    if (beams != nullptr) expect_candidates(test, *beams, step);
    ++step;
    if (search.next_rows().empty()) break;
    logits.clear();
    for (const NextRow& row : search.next_rows()) {
      logits.emplace_back(test.table[step % test.table.size()][static_cast<std::size_t>(row.token)]);
    }
  }
  const Json& expected = test.data.at("expected");
  const Sequence best = search.sequences().at(0);
  test.is_ok = test.is_ok && best.ids == expected.at("generated_ids").get<std::vector<TokenId>>();
  EXPECT_EQ(best.ids, expected.at("generated_ids").get<std::vector<TokenId>>()) << test.name;
  EXPECT_EQ(finish_reason_name(best.finish), expected.at("stopped_on").get<std::string>()) << test.name;
  ASSERT_EQ(best.logprobs.size(), best.ids.size());
  if (beams == nullptr) return;
  EXPECT_EQ(step, expected.at("steps_run").get<std::size_t>()) << test.name;
  test.errors.add(best.score.value_or(0.0), expected.at("sequences_score").get<double>());
  expect_slots(test, *beams);
}

TEST(BeamSearchParity, EveryStoredSearchGivesTheSameIdsScoresAndCandidates) {
  const auto files = parity::cases("beam_search", ".json");
  ASSERT_FALSE(files.empty()) << "no cases under " << parity::root();
  for (const auto& file : files) {
    Case test;
    test.name = file.stem().string();
    test.data = Json::parse(parity::read_text(file));
    test.table = test.data.at("table").get<decltype(test.table)>();
    test.allowed = test.data.at("tolerances").at("scores_abs").get<double>();
    run(test);
    test.is_ok = test.is_ok && test.errors.largest() <= test.allowed;
    parity::report("beam_search", test.name, test.errors, test.allowed, test.is_ok);
    EXPECT_LE(test.errors.largest(), test.allowed) << test.name;
  }
}

}  // namespace
}  // namespace cinescribe::language
