#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cinescribe/cli/caption_flags.h"
#include "cinescribe/cli/commands.h"
#include "cinescribe/cli/json_output.h"
#include "cinescribe/cli/vlm_flags.h"
#include "cinescribe/core/log.h"
#include "cinescribe/image/read_picture.h"
#include "cinescribe/pipeline/chosen_captioner.h"

namespace cinescribe::cli {

namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

struct Arguments {
  std::string model;
  std::vector<std::string> images;
  std::string prompt;
  std::string raw_prompt;
  bool has_prompt = false;
  bool has_raw_prompt = false;
  bool is_json = false;
  GenerationFlags generation;
  VlmFlags vlm;
};

Json score_or_null(const std::optional<double>& score) { return score ? Json(*score) : Json(nullptr); }

Json sequence_value(const language::Sequence& sequence, const std::string& text) {
  Json logprobs = Json::array();
  for (const float logprob : sequence.logprobs) {
    logprobs.push_back(std::isfinite(logprob) ? Json(logprob) : Json(nullptr));
  }
  return {{"text", text},
          {"token_ids", sequence.ids},
          {"token_logprobs", std::move(logprobs)},
          {"finish_reason", language::finish_reason_name(sequence.finish)},
          {"sequences_score", score_or_null(sequence.score)}};
}

Json caption_value(const captions::CaptionerFacts& facts, const captions::Caption& caption, double load_seconds) {
  Json sequences = Json::array();
  for (std::size_t i = 0; i < caption.sequences.size(); ++i) {
    sequences.push_back(sequence_value(caption.sequences[i], caption.sequence_texts[i]));
  }
  Json best = sequences.empty() ? sequence_value({}, caption.text) : sequences.front();
  return {{"schema_version", 1},
          {"model", {{"name", facts.name}, {"family", facts.family}, {"type", facts.type}}},
          {"text", caption.text},
          {"token_ids", std::move(best["token_ids"])},
          {"token_logprobs", std::move(best["token_logprobs"])},
          {"prompt_tokens", caption.prompt_tokens},
          {"image_tokens", caption.image_tokens},
          {"finish_reason", std::move(best["finish_reason"])},
          {"sequences_score", std::move(best["sequences_score"])},
          {"sequences", std::move(sequences)},
          {"flags",
           {{"suspect", caption.suspect.empty() ? Json(nullptr) : Json(caption.suspect)},
            {"over_context", caption.is_over_context},
            {"synthetic", facts.is_synthetic},
            {"frames_used", caption.frames_used}}},
          {"timings",
           {{"load", load_seconds},
            {"preprocess", caption.timings.preprocess_seconds},
            {"encode", caption.timings.encode_seconds},
            {"prefill", caption.timings.prefill_seconds},
            {"decode", caption.timings.decode_seconds}}}};
}

Result<captions::CaptionRequest> request_of(const Arguments& arguments, const language::GenerationOptions& profile) {
  captions::CaptionRequest request;
  for (const std::string& file : arguments.images) {
    CINESCRIBE_ASSIGN(Image picture, image::read_picture(file));
    request.frames.push_back(std::move(picture));
  }
  request.is_raw_prompt = arguments.has_raw_prompt;
  request.prompt = arguments.has_raw_prompt ? arguments.raw_prompt
                   : arguments.has_prompt   ? arguments.prompt
                                            : std::string(kDefaultInstruction);
  CINESCRIBE_ASSIGN(request.generation, arguments.generation.over(profile));
  return request;
}

Result<captions::Caption> caption_of(captions::Captioner& captioner, captions::CaptionRequest request,
                                     const std::stop_token& stop) {
  std::optional<captions::CaptionRequest> next(std::move(request));
  std::optional<Result<captions::Caption>> caption;
  CINESCRIBE_TRY(captioner.run([&next] { return std::exchange(next, std::nullopt); },
                               [&caption](captions::CaptionOutcome outcome) { caption = std::move(outcome.caption); },
                               stop));
  if (!caption) return Error{ErrorCode::kInternal, "the model gave no answer"};
  return *std::move(caption);
}

Outcome caption(const Arguments& arguments, const CommonOptions& common) {
  if (arguments.model.empty()) return Error{ErrorCode::kUsage, "choose a model: --model NAME or a model folder"};
  if (arguments.images.empty()) return Error{ErrorCode::kUsage, "name a picture: --image FILE"};
  CINESCRIBE_ASSIGN(captions::VlmOptions options, arguments.vlm.options(common));
  // Nothing else waits to be decoded: keys and values of more would be memory for nothing.
  if (!options.is_frame_by_frame) options.batch = 1;
  // A single caption is a look at the model; random weights are told of below.
  CINESCRIBE_ASSIGN(const auto chosen, pipeline::choose_captioner(arguments.model, options, true));
  if (!chosen.source.facts.needs_frames) {
    return Error{ErrorCode::kUsage, "'" + arguments.model + "' looks at no pictures; choose a vision-language model"};
  }
  if (chosen.source.facts.is_synthetic)
    log(LogLevel::kWarning, "this model has random weights: its text means nothing");
  CINESCRIBE_ASSIGN(captions::CaptionRequest request, request_of(arguments, chosen.reference));
  const auto started = Clock::now();
  CINESCRIBE_ASSIGN(captions::Captioner* const captioner, chosen.source.load(common.stop));
  const double load_seconds = std::chrono::duration<double>(Clock::now() - started).count();
  CINESCRIBE_ASSIGN(const captions::Caption caption, caption_of(*captioner, std::move(request), common.stop));
  if (arguments.is_json) {
    print_json(caption_value(captioner->facts(), caption, load_seconds));
    return 0;
  }
  if (!caption.suspect.empty()) log(LogLevel::kWarning, "this caption is suspect: " + caption.suspect);
  const std::size_t texts = std::max<std::size_t>(1, caption.sequence_texts.size());
  for (std::size_t i = 0; i < texts; ++i) {
    std::printf("%s\n", i == 0 ? caption.text.c_str() : caption.sequence_texts[i].c_str());
  }
  return 0;
}

}  // namespace

Command add_caption(CLI::App& root, const CommonOptions& common) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* app = root.add_subcommand("caption", "Describe pictures with a vision-language model");
  app->add_option("--model", arguments->model, "Model: catalogue name or model folder");
  app->add_option("--image", arguments->images, "JPEG or PNG file; several are shown together, in this order");
  CLI::Option* prompt = app->add_option("--prompt", arguments->prompt,
                                        "Instruction, put into the model's own template (default: describe the scene)");
  CLI::Option* raw = app->add_option("--raw-prompt", arguments->raw_prompt,
                                     "Exactly what the tokenizer gets, picture placeholders included");
  raw->excludes(prompt);
  app->add_flag("--json", arguments->is_json, "Tokens, log-probabilities and timings as JSON on stdout");
  arguments->generation.add_to(*app);
  arguments->vlm.add_to(*app, false);
  app->footer("Example:  cinescribe caption --model phi-3.5-vision --image photo.jpg --max-new-tokens 100");
  return {app, [arguments, prompt, raw, &common] {
            arguments->has_prompt = prompt->count() > 0;
            arguments->has_raw_prompt = raw->count() > 0;
            return caption(*arguments, common);
          }};
}

}  // namespace cinescribe::cli
