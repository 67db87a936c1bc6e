// The language models of the stored InstructBLIP cases, fed with the stored embedding rows: what the reference's
// `generate` gave, to the last beam. (Whole captions, pictures included, are another suite's.)
#include <string>
#include <vector>

#include "parity/parity_cases.h"
#include "support/generation_json.h"
#include "support/scratch_folder.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cinescribe/language/generator.h"
#include "cinescribe/models/checkpoint_import.h"
#include "cinescribe/models/safetensors.h"
#include "cinescribe/tensor/mapped_file.h"
#include "cinescribe/tensor/model_card.h"

namespace cinescribe::language {
namespace {

using Json = nlohmann::json;

std::vector<TokenId> ids_of(const Json& list) {
  std::vector<TokenId> ids;
  for (const Json& entry : list) {
    if (entry.is_object()) {
      ids.insert(ids.end(), entry.at("repeat").at(1).get<std::size_t>(), entry.at("repeat").at(0).get<TokenId>());
    } else {
      ids.push_back(entry.get<TokenId>());
    }
  }
  return ids;
}

std::vector<float> stored_rows(const std::filesystem::path& folder, std::int64_t positions, int width) {
  const auto file = tensor::MappedFile::open(folder / "expected.safetensors");
  if (!file.ok()) return {};
  const auto tensors = models::parse_safetensors(file->bytes());
  if (!tensors.ok() || tensors->count("inputs_embeds") == 0) return {};
  const models::TensorView& view = tensors->at("inputs_embeds");
  if (view.shape != std::vector<std::int64_t>{positions, width}) return {};
  std::vector<float> rows(view.elements());
  std::memcpy(rows.data(), view.bytes.data(), view.bytes.size());
  return rows;
}

/// One stored run as a request that asks for every beam.
GenerationRequest request_of(const std::filesystem::path& folder, const Json& run, const tensor::ModelCard& card,
                             int width) {
  GenerationRequest request;
  request.options = generation_options_of(run.at("generation"));
  request.options.eos_ids.assign(card.tokens.eos.begin(), card.tokens.eos.end());
  request.options.num_return_sequences = request.options.num_beams;
  request.prompt.ids = ids_of(run.at("expected").at("input_ids"));
  request.prompt.pieces = {{{}, stored_rows(folder, static_cast<std::int64_t>(request.prompt.ids.size()), width)}};
  return request;
}

bool check(const Generation& generation, const Json& expected, parity::Errors& errors) {
  const Sequence& best = generation.sequences.at(0);
  const auto ids = expected.at("generated_ids").get<std::vector<TokenId>>();
  EXPECT_EQ(best.ids, ids);
  const auto logprobs = expected.at("token_logprobs").get<std::vector<double>>();
  if (best.ids != ids || best.logprobs.size() != logprobs.size()) return false;
  for (std::size_t i = 0; i < logprobs.size(); ++i) errors.add(static_cast<double>(best.logprobs[i]), logprobs[i]);
  if (!expected.contains("finished_sequences")) return true;
  errors.add(best.score.value_or(0.0), expected.at("sequences_score").get<double>());
  const Json& slots = expected.at("finished_sequences");
  EXPECT_EQ(generation.sequences.size(), slots.size());
  bool is_same = generation.sequences.size() == slots.size();
  for (std::size_t i = 0; is_same && i < slots.size(); ++i) {
    is_same = generation.sequences[i].ids == slots[i].at("ids").get<std::vector<TokenId>>();
    EXPECT_TRUE(is_same) << "finished sequence " << i;
    // Scores of long sequences under a negative length penalty are in the thousands.
    const double score = slots[i].at("score").get<double>();
    const double scale = std::max(1.0, std::abs(score) / static_cast<double>(generation.sequences[i].ids.size()));
    errors.add(generation.sequences[i].score.value_or(0.0) / scale, score / scale);
  }
  return is_same;
}

TEST(LanguageParity, StoredEmbeddingRowsGiveTheStoredCaptions) {
  const auto folders = parity::cases("instructblip");
  ASSERT_FALSE(folders.empty()) << "no cases under " << parity::root();
  for (const auto& folder : folders) {
    SCOPED_TRACE(folder.string());
    const Json data = Json::parse(parity::read_text(folder / "case.json"));
    const test::ScratchFolder scratch;
    LanguageModelOptions load;
    load.threads = 1;
    models::ImportOptions import;
    import.type = "f32";
    const auto imported = models::import_checkpoint(folder / "model", scratch / "model", import);
    ASSERT_TRUE(imported.ok()) << imported.error().message;
    const auto card = tensor::read_model_card(scratch / "model");
    ASSERT_TRUE(card.ok()) << card.error().message;
    const auto model = LanguageModel::load(scratch / "model/language.gguf", load);
    ASSERT_TRUE(model.ok()) << model.error().message;
    EXPECT_TRUE((*model)->is_f32());

    std::vector<Json> runs = {data};
    for (const Json& more : data.value("more_runs", Json::array())) {
      const bool has_same_rows = more.at("prompt") == data.at("prompt") && more.at("images") == data.at("images");
      if (has_same_rows) runs.push_back(more);
    }
    std::size_t next = 0;
    std::vector<GenerationOutcome> outcomes;
    auto generator = Generator::create(*model, {});
    ASSERT_TRUE(generator.ok());
    const Status status = (*generator)
                              ->run(
                                  [&]() -> std::optional<GenerationRequest> {
                                    if (next == runs.size()) return std::nullopt;
                                    GenerationRequest request =
                                        request_of(folder, runs[next], *card, (*model)->width());
                                    request.id = static_cast<std::int64_t>(next++);
                                    return request;
                                  },
                                  [&](GenerationOutcome outcome) { outcomes.push_back(std::move(outcome)); }, {});
    ASSERT_TRUE(status.ok()) << status.error().message;
    ASSERT_EQ(outcomes.size(), runs.size());
    for (const GenerationOutcome& outcome : outcomes) {
      ASSERT_TRUE(outcome.generation.ok()) << outcome.generation.error().message;
      parity::Errors errors;
      const double allowed = data.at("tolerances").at("token_logprobs_abs").get<double>();
      const bool is_same =
          check(*outcome.generation, runs[static_cast<std::size_t>(outcome.id)].at("expected"), errors);
      parity::report("instructblip", folder.filename().string() + "/language/" + std::to_string(outcome.id), errors,
                     allowed, is_same && errors.largest() <= allowed);
      EXPECT_LE(errors.largest(), allowed);
    }
  }
}

}  // namespace
}  // namespace cinescribe::language
