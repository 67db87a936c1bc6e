// Checkpoint in, caption out: every stored case goes through the importer in f32, the vision encoder, the prompt and
// the generator, and must give the reference's prompt ids, generated ids, text, log-probabilities and beam scores.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "parity/parity_cases.h"
#include "support/scratch_folder.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cinescribe/captions/generation_profile.h"
#include "cinescribe/captions/vlm_captioner.h"
#include "cinescribe/captions/vlm_prompt.h"
#include "cinescribe/image/read_picture.h"
#include "cinescribe/models/checkpoint_import.h"

namespace cinescribe::captions {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using Ids = std::vector<text::TokenId>;

VlmOptions exact_options() {
  VlmOptions options;
  options.threads = 2;
  options.kv_type = language::KvType::kF32;
  options.flash_attention = language::FlashAttention::kOff;
  options.is_plain_vision = true;
  return options;
}

/// Ids with their runs written out. Phi's places of pictures are negative; they become 0, as the reference makes them.
Ids expanded(const Json& ids) {
  Ids out;
  for (const Json& id : ids) {
    if (id.is_number()) {
      out.push_back(id.get<text::TokenId>());
      continue;
    }
    const auto& run = id.at("repeat");
    out.insert(out.end(), run.at(1).get<std::size_t>(), std::max(0, run.at(0).get<text::TokenId>()));
  }
  return out;
}

language::GenerationOptions generation_of(const Json& json, const tensor::ModelCard& card) {
  language::GenerationOptions options = reference_generation(card);
  options.max_new_tokens.reset();
  options.max_length.reset();
  if (json.contains("max_new_tokens")) options.max_new_tokens = json["max_new_tokens"].get<int>();
  if (json.contains("max_length")) options.max_length = json["max_length"].get<int>();
  options.min_new_tokens = json.value("min_new_tokens", 0);
  options.min_length = json.value("min_length", 0);
  options.num_beams = json.value("num_beams", 1);
  options.length_penalty = json.value("length_penalty", 1.0);
  options.repetition_penalty = json.value("repetition_penalty", 1.0);
  options.no_repeat_ngram_size = json.value("no_repeat_ngram_size", 0);
  if (json.contains("eos_token_ids")) options.eos_ids = json["eos_token_ids"].get<Ids>();
  return options;
}

struct Model {
  tensor::ModelCard card;
  std::unique_ptr<text::Tokenizer> tokenizer;
  std::unique_ptr<VisionEncoder> vision;
  std::unique_ptr<Captioner> captioner;
};

Result<Model> import_and_load(const fs::path& checkpoint, const fs::path& folder) {
  models::ImportOptions options;
  options.type = "f32";
  options.threads = 2;
  CINESCRIBE_TRY(models::import_checkpoint(checkpoint, folder, options));
  Model model;
  CINESCRIBE_ASSIGN(model.card, tensor::read_model_card(folder));
  CINESCRIBE_ASSIGN(model.tokenizer, text::Tokenizer::load(folder / "tokenizer"));
  CINESCRIBE_ASSIGN(model.vision, VisionEncoder::load(folder, model.card, {}));
  CINESCRIBE_ASSIGN(model.captioner, load_vlm(folder, {}, exact_options()));
  return model;
}

/// One run of a case; the case's own values are those of its first run.
struct Run {
  std::string name;
  const Json* json = nullptr;
};

std::vector<Run> runs_of(const std::string& name, const Json& json) {
  std::vector<Run> runs = {{name, &json}};
  if (!json.contains("more_runs")) return runs;
  int number = 1;
  for (const Json& more : json["more_runs"]) runs.push_back({name + "#" + std::to_string(++number), &more});
  return runs;
}

Result<CaptionRequest> request_of(const fs::path& folder, const Run& run, const tensor::ModelCard& card) {
  CaptionRequest request;
  for (const Json& file : (*run.json)["images"]) {
    CINESCRIBE_ASSIGN(Image picture, image::read_picture(folder / file.get<std::string>()));
    request.frames.push_back(std::move(picture));
  }
  request.prompt = (*run.json)["prompt"].get<std::string>();
  request.is_raw_prompt = true;
  request.generation = generation_of((*run.json)["generation"], card);
  return request;
}

Result<Ids> prompt_ids(const Model& model, const CaptionRequest& request) {
  std::vector<ImageRows> pictures;
  for (const Image& frame : request.frames) {
    CINESCRIBE_ASSIGN(const int tokens, model.vision->image_tokens(frame.width, frame.height));
    pictures.push_back({tokens, {}});
  }
  CINESCRIBE_ASSIGN(PromptPlan plan,
                    plan_prompt(model.card, *model.tokenizer, request.prompt, static_cast<int>(pictures.size())));
  return assemble_prompt(model.card, std::move(plan), std::move(pictures)).ids;
}

double tolerance(const Json& tolerances, const char* name) {
  const Json& table = tolerances.contains("float32_engine") ? tolerances["float32_engine"] : tolerances;
  for (const char* key : {"token_logprobs_max_abs", "token_logprobs_abs", "logprob_atol"}) {
    if (table.contains(key)) return table[key];
  }
  ADD_FAILURE() << name << ": the case names no tolerance of its log-probabilities";
  return 0.0;
}

void compare(const std::string& family, const Run& run, const Caption& caption, double allowed) {
  const Json& expected = (*run.json)["expected"];
  ASSERT_FALSE(caption.sequences.empty());
  const language::Sequence& best = caption.sequences.front();
  EXPECT_EQ(best.ids, expected["generated_ids"].get<Ids>()) << run.name;
  EXPECT_EQ(caption.text, expected["text"].get<std::string>()) << run.name;
  EXPECT_EQ(caption.image_tokens, [&expected] {
    int sum = 0;
    for (const Json& count : expected["image_token_counts"]) sum += count.get<int>();
    return sum;
  }()) << run.name;
  parity::Errors errors;
  const auto logprobs = expected["token_logprobs"].get<std::vector<double>>();
  EXPECT_EQ(best.logprobs.size(), logprobs.size()) << run.name;
  for (std::size_t i = 0; i < std::min(logprobs.size(), best.logprobs.size()); ++i) {
    errors.add(static_cast<double>(best.logprobs[i]), logprobs[i]);
  }
  if (expected.contains("sequences_score")) {
    EXPECT_TRUE(best.score.has_value()) << run.name;
    errors.add(best.score.value_or(0.0), expected["sequences_score"].get<double>());
  }
  EXPECT_LE(errors.largest(), allowed) << run.name;
  const bool is_ok = errors.largest() <= allowed && best.ids == expected["generated_ids"].get<Ids>() &&
                     caption.text == expected["text"].get<std::string>();
  parity::report(family, run.name, errors, allowed, is_ok);
}

/// Runs a case through the importer and the captioner, and compares what comes back.
void run_case(const std::string& family, const fs::path& folder) {
  const Json json = Json::parse(parity::read_text(folder / "case.json"));
  const test::ScratchFolder scratch;
  const std::string name = folder.filename().string();
  auto model = import_and_load(folder / "model", scratch / "model");
  ASSERT_TRUE(model.ok()) << name << ": " << model.error().message;
  const std::vector<Run> runs = runs_of(name, json);
  std::vector<std::optional<Result<Caption>>> captions(runs.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    auto request = request_of(folder, runs[i], model->card);
    ASSERT_TRUE(request.ok()) << runs[i].name << ": " << request.error().message;
    const auto ids = prompt_ids(*model, *request);
    ASSERT_TRUE(ids.ok()) << runs[i].name << ": " << ids.error().message;
    EXPECT_EQ(*ids, expanded((*runs[i].json)["expected"]["input_ids"])) << runs[i].name;
    std::optional<CaptionRequest> next(*std::move(request));
    const Status status =
        model->captioner->run([&next] { return std::exchange(next, std::nullopt); },
                              [&](CaptionOutcome outcome) { captions[i] = std::move(outcome.caption); }, {});
    ASSERT_TRUE(status.ok()) << runs[i].name << ": " << status.error().message;
    ASSERT_TRUE(captions[i].has_value()) << runs[i].name;
    ASSERT_TRUE(captions[i]->ok()) << runs[i].name << ": " << captions[i]->error().message;
    compare(family, runs[i], **captions[i], tolerance(json["tolerances"], name.c_str()));
  }
}

void run_family(const std::string& family) {
  int count = 0;
  for (const fs::path& folder : parity::cases(family)) {
    if (!fs::is_directory(folder)) continue;
    run_case(family, folder);
    ++count;
  }
  EXPECT_GT(count, 0) << "no cases of " << family << " under " << parity::root();
}

TEST(CaptionParity, LlavaNextCheckpointsGiveTheReferencesCaptions) { run_family("llava_next"); }
TEST(CaptionParity, PhiCheckpointsGiveTheReferencesCaptions) { run_family("phi3_v"); }
TEST(CaptionParity, InstructBlipCheckpointsGiveTheReferencesCaptions) { run_family("instructblip"); }

}  // namespace
}  // namespace cinescribe::captions
