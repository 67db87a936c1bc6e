#include "cinescribe/cli/caption_flags.h"

#include <algorithm>

#include "cinescribe/core/file.h"

namespace cinescribe::cli {

namespace {

constexpr const char* kGroup = "Generation (Hugging Face names and meaning)";
constexpr int kMostTokens = 1'000'000;
constexpr std::uint64_t kLongestPrompt = 64 * 1024;

template <typename T>
void put(const std::optional<T>& given, T& into) {
  if (given) into = *given;
}

std::string trimmed(std::string text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  while (!text.empty() && is_space(text.back())) text.pop_back();
  text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), is_space));
  return text;
}

}  // namespace

const char* const kDefaultInstruction =
    "Describe what happens in this scene. Say who or what can be seen, what they are doing, where it takes place and "
    "what changes between the pictures. Keep to what is visible.";

void GenerationFlags::add_to(CLI::App& app) {
  const auto tokens = CLI::Range(0, kMostTokens);
  app.add_option("--max-new-tokens", max_new_tokens_, "Longest answer in tokens")
      ->check(CLI::Range(1, kMostTokens))
      ->group(kGroup);
  app.add_option("--min-new-tokens", min_new_tokens_, "Shortest answer in tokens")->check(tokens)->group(kGroup);
  app.add_option("--max-length", max_length_, "Longest prompt and answer together, image tokens included")
      ->check(CLI::Range(1, kMostTokens))
      ->group(kGroup);
  app.add_option("--min-length", min_length_, "Shortest prompt and answer together, image tokens included")
      ->check(tokens)
      ->group(kGroup);
  app.add_option("--num-beams", num_beams_, "Beams; 1 = greedy")->check(CLI::Range(1, 64))->group(kGroup);
  app.add_option("--num-return-sequences", num_return_sequences_, "Answers per request, best first")
      ->check(CLI::Range(1, 64))
      ->group(kGroup);
  app.add_option("--length-penalty", length_penalty_, "Beam search: above 0 favours longer answers")
      ->check(CLI::Range(-10.0, 10.0))
      ->group(kGroup);
  app.add_option("--early-stopping", early_stopping_, "Beam search: true, false or never")
      ->check(CLI::IsMember({"true", "false", "never"}))
      ->group(kGroup);
  app.add_option("--repetition-penalty", repetition_penalty_, "Above 1 avoids tokens that were there before")
      ->check(CLI::Range(0.01, 100.0))
      ->group(kGroup);
  app.add_option("--no-repeat-ngram-size", no_repeat_ngram_size_, "No run of so many tokens comes twice; 0 = off")
      ->check(CLI::Range(0, 1000))
      ->group(kGroup);
  app.add_flag("--do-sample", do_sample_, "Draw tokens at random instead of taking the likeliest")->group(kGroup);
  app.add_option("--temperature", temperature_, "With --do-sample")->check(CLI::Range(0.0, 100.0))->group(kGroup);
  app.add_option("--top-p", top_p_, "With --do-sample")->check(CLI::Range(0.0, 1.0))->group(kGroup);
  app.add_option("--top-k", top_k_, "With --do-sample; 0 = off")->check(tokens)->group(kGroup);
  app.add_option("--seed", seed_, "With --do-sample")->group(kGroup);
  app.add_option("--stop-string", stop_strings_, "End the answer at this text; may be given several times")
      ->group(kGroup);
}

Result<language::GenerationOptions> GenerationFlags::over(language::GenerationOptions profile) const {
  language::GenerationOptions options = std::move(profile);
  // A limit that was given replaces the profile's, of whichever kind that is.
  if (max_new_tokens_ || max_length_) {
    options.max_new_tokens = max_new_tokens_;
    options.max_length = max_length_;
  }
  put(min_new_tokens_, options.min_new_tokens);
  put(min_length_, options.min_length);
  put(num_beams_, options.num_beams);
  put(num_return_sequences_, options.num_return_sequences);
  put(length_penalty_, options.length_penalty);
  put(repetition_penalty_, options.repetition_penalty);
  put(no_repeat_ngram_size_, options.no_repeat_ngram_size);
  put(temperature_, options.temperature);
  put(top_p_, options.top_p);
  put(top_k_, options.top_k);
  put(seed_, options.seed);
  if (!early_stopping_.empty()) {
    options.early_stopping = early_stopping_ == "true"    ? language::EarlyStopping::kYes
                             : early_stopping_ == "never" ? language::EarlyStopping::kNever
                                                          : language::EarlyStopping::kNo;
  }
  if (!stop_strings_.empty()) options.stop_strings = stop_strings_;
  options.do_sample = do_sample_;
  if (options.do_sample && options.temperature <= 0.0) {
    return Error{ErrorCode::kUsage, "--do-sample needs a --temperature above 0; leave --do-sample out to be greedy"};
  }
  if (options.do_sample && options.num_beams > 1) {
    return Error{ErrorCode::kUsage, "--do-sample cannot be combined with --num-beams above 1; choose one of them"};
  }
  if (!options.do_sample && options.num_return_sequences > options.num_beams) {
    return Error{ErrorCode::kUsage, "--num-return-sequences " + std::to_string(options.num_return_sequences) +
                                        " is more than --num-beams " + std::to_string(options.num_beams) +
                                        "; ask for as many beams at least, or for random ones with --do-sample"};
  }
  if (options.max_new_tokens && options.min_new_tokens > *options.max_new_tokens) {
    return Error{ErrorCode::kUsage, "--min-new-tokens " + std::to_string(options.min_new_tokens) +
                                        " is above --max-new-tokens " + std::to_string(*options.max_new_tokens)};
  }
  return options;
}

void SceneCaptionFlags::add_to(CLI::App& app) {
  const char* group = "Captions";
  app.add_option("--frames-per-scene", frames_per_scene, "Pictures that a captioner sees of each scene")
      ->check(CLI::Range(1, 10))
      ->capture_default_str()
      ->group(group);
  app.add_option("--frame-policy", policy,
                 "start-middle: beginnings of equal parts; uniform: middles; fps: --frame-rate from the start on")
      ->check(CLI::IsMember({"start-middle", "uniform", "fps"}))
      ->capture_default_str()
      ->group(group);
  app.add_option("--frame-rate", fps, "Pictures per second with --frame-policy fps")
      ->check(CLI::Range(0.001, 1000.0))
      ->capture_default_str()
      ->group(group);
  app.add_option("--frame-size", short_side_px, "Shorter side of the pictures in pixels; 0 = as in the video")
      ->check(CLI::Range(0, 8192))
      ->capture_default_str()
      ->group(group);
  app.add_option("--prompt-file", prompt_file, "Text file with the instruction; default: a description of the scene")
      ->group(group);
  app.add_option("--context", context, "What stage 1 found, told to the model: speech, objects, sounds")
      ->delimiter(',')
      ->check(CLI::IsMember({"speech", "objects", "sounds"}))
      ->group(group);
}

Result<pipeline::CaptionRunOptions> SceneCaptionFlags::options() const {
  pipeline::CaptionRunOptions options;
  options.choice.frames = frames_per_scene;
  options.choice.fps = fps;
  options.short_side_px = short_side_px;
  CINESCRIBE_ASSIGN(options.choice.policy, captions::parse_frame_policy(policy));
  const auto wants = [this](const char* name) {
    return std::find(context.begin(), context.end(), name) != context.end();
  };
  options.context = {wants("speech"), wants("objects"), wants("sounds")};
  options.prompt = kDefaultInstruction;
  if (!prompt_file.empty()) {
    CINESCRIBE_ASSIGN(std::string text, read_file(prompt_file, kLongestPrompt));
    options.prompt = trimmed(std::move(text));
    if (options.prompt.empty()) return Error{ErrorCode::kInput, "the prompt file " + prompt_file + " is empty"};
  }
  return options;
}

}  // namespace cinescribe::cli
