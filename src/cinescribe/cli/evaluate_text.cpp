#include <array>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "cinescribe/cli/evaluate_commands.h"
#include "cinescribe/cli/evaluation.h"
#include "cinescribe/cli/vlm_flags.h"
#include "cinescribe/core/log.h"
#include "cinescribe/image/png.h"
#include "cinescribe/pipeline/chosen_captioner.h"
#include "cinescribe/quality/text_frames.h"

namespace cinescribe::cli {

namespace {

using Json = nlohmann::ordered_json;

struct TextFlags {
  std::string captioner;
  std::string prompt = "What does the writing in this picture say? Answer with the writing only.";
  std::string save_folder;
  int count = 16;
  std::uint64_t seed = 1;
  int new_tokens = 32;
  bool is_json = false;
  VlmFlags vlm;
  QualityLog log;
};

/// What was read of one size of letters, or of all.
struct Reading {
  std::int64_t frames = 0;
  std::int64_t exact = 0;
  std::int64_t edits = 0;
  std::int64_t characters = 0;

  void add(const quality::ReadingErrors& errors) {
    ++frames;
    exact += errors.edits == 0 ? 1 : 0;
    edits += errors.edits;
    characters += errors.characters;
  }
  [[nodiscard]] double error_rate() const {
    return characters == 0 ? 0.0 : static_cast<double>(edits) / static_cast<double>(characters);
  }
};

struct Answers {
  std::vector<std::string> texts;  ///< Empty where the captioner failed.
  std::int64_t failures = 0;
};

Status save(const std::vector<quality::TextFrame>& frames, const std::string& folder) {
  for (std::size_t i = 0; i < frames.size(); ++i) {
    std::array<char, 32> name{};
    std::snprintf(name.data(), name.size(), "%03zu.png", i);
    CINESCRIBE_TRY(image::write_png(std::filesystem::path(folder) / name.data(), frames[i].picture));
  }
  return {};
}

Result<Answers> ask(captions::Captioner& captioner, const std::vector<quality::TextFrame>& frames,
                    const TextFlags& flags, const language::GenerationOptions& generation,
                    const std::stop_token& stop) {
  Answers answers;
  answers.texts.resize(frames.size());
  std::size_t next = 0;
  const auto give = [&]() -> std::optional<captions::CaptionRequest> {
    if (next == frames.size()) return std::nullopt;
    captions::CaptionRequest request;
    request.id = static_cast<std::int64_t>(next);
    request.frames = {frames[next++].picture};
    request.prompt = flags.prompt;
    request.generation = generation;
    return request;
  };
  const auto take = [&](captions::CaptionOutcome outcome) {
    if (!outcome.caption.ok()) {
      log(LogLevel::kWarning, "picture " + std::to_string(outcome.id) + ": " + outcome.caption.error().message);
      ++answers.failures;
      return;
    }
    answers.texts.at(static_cast<std::size_t>(outcome.id)) = outcome.caption->text;
  };
  CINESCRIBE_TRY(captioner.run(give, take, stop));
  return answers;
}

Json as_json(const Reading& reading) {
  return {{"frames", reading.frames}, {"exact", reading.exact}, {"character_error_rate", reading.error_rate()}};
}

Json as_json(const std::string& name, const Reading& all, const std::map<int, Reading>& by_height,
             const std::vector<quality::TextFrame>& frames, const Answers& answers) {
  Json json = {{"schema_version", 1}, {"captioner", name}};
  json.update(as_json(all));
  json["failures"] = answers.failures;
  json["letter_heights"] = Json::array();
  for (const auto& [height, reading] : by_height) {
    Json entry = {{"letter_height_px", height}};
    entry.update(as_json(reading));
    json["letter_heights"].push_back(std::move(entry));
  }
  json["answers"] = Json::array();
  for (std::size_t i = 0; i < frames.size(); ++i) {
    json["answers"].push_back({{"text", frames[i].text}, {"answer", answers.texts[i]}});
  }
  return json;
}

void print_as_table(const std::string& name, const Reading& all, const std::map<int, Reading>& by_height) {
  std::printf("%s: character error rate %.3f, %lld of %lld signs read exactly\n", name.c_str(), all.error_rate(),
              static_cast<long long>(all.exact), static_cast<long long>(all.frames));
  for (const auto& [height, reading] : by_height) {
    std::printf("  letters of %2d px: %.3f, %lld of %lld\n", height, reading.error_rate(),
                static_cast<long long>(reading.exact), static_cast<long long>(reading.frames));
  }
}

Outcome evaluate_text(const TextFlags& flags, const CommonOptions& common) {
  const auto frames = quality::make_text_frames(flags.count, flags.seed);
  if (!flags.save_folder.empty()) CINESCRIBE_TRY(save(frames, flags.save_folder));
  CINESCRIBE_ASSIGN(const captions::VlmOptions options, flags.vlm.options(common));
  CINESCRIBE_ASSIGN(const auto chosen, pipeline::choose_captioner(flags.captioner, options, true));
  const std::string& name = chosen.source.facts.name;
  if (!chosen.source.facts.needs_frames) {
    return Error{ErrorCode::kUsage, "'" + flags.captioner + "' looks at no pictures; choose a vision-language model"};
  }
  if (chosen.source.facts.is_synthetic) {
    log(LogLevel::kWarning, "this model has random weights: what it reads means nothing");
  }
  language::GenerationOptions generation = chosen.reference;
  generation.max_new_tokens = flags.new_tokens;
  CINESCRIBE_ASSIGN(captions::Captioner* const captioner, chosen.source.load(common.stop));
  CINESCRIBE_ASSIGN(const Answers answers, ask(*captioner, frames, flags, generation, common.stop));

  Reading all;
  std::map<int, Reading> by_height;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const auto errors = quality::reading_errors(frames[i].text, answers.texts[i]);
    all.add(errors);
    by_height[frames[i].letter_height_px].add(errors);
  }
  auto record = quality_record(
      "on-screen text character error rate", all.error_rate(), name, "rendered signs",
      "text " + flags.captioner + " --count " + std::to_string(flags.count) + " --seed " + std::to_string(flags.seed));
  record.is_lower_better = true;
  record.count = all.characters;
  const Evaluation evaluation{
      {record}, as_json(name, all, by_height, frames, answers), [&] { print_as_table(name, all, by_height); }};
  CINESCRIBE_TRY(conclude(evaluation, flags.log, flags.is_json));
  return answers.failures > 0 ? 1 : 0;
}

}  // namespace

Command add_evaluate_text(CLI::App& evaluate, const CommonOptions& common) {
  auto flags = std::make_shared<TextFlags>();
  CLI::App* app = evaluate.add_subcommand("text", "How well a vision-language model reads writing in pictures");
  app->add_option("captioner", flags->captioner, "A captioner as for --captioner of caption-scenes")->required();
  app->add_option("--count", flags->count, "Pictures of signs, 640 x 360, letters of 14, 28, 42 and 56 px in turn")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app->add_option("--seed", flags->seed, "Other words and numbers")->capture_default_str();
  app->add_option("--prompt", flags->prompt, "What the model is asked")->capture_default_str();
  app->add_option("--max-new-tokens", flags->new_tokens, "Longest answer")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  app->add_option("--save", flags->save_folder, "Also write the pictures into this folder");
  app->add_flag("--json", flags->is_json, "Write JSON to stdout");
  flags->vlm.add_to(*app, true);
  flags->log.add_to(*app);
  app->footer(
      "The error rate is that of the part of the answer that is most like the sign, letters and digits only.\n"
      "Example:  cinescribe evaluate text qwen3-vl-2b --count 32");
  return {app, [flags, &common] { return evaluate_text(*flags, common); }};
}

}  // namespace cinescribe::cli
