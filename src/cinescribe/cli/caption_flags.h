#pragma once

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cinescribe/core/status.h"
#include "cinescribe/language/generation.h"
#include "cinescribe/pipeline/caption_run.h"

namespace cinescribe::cli {

/// Options of one generation under their Hugging Face names; what was not given stays with the profile.
class GenerationFlags {
 public:
  void add_to(CLI::App& app);
  /// The profile with what was given put over it. Errors: kUsage.
  [[nodiscard]] Result<language::GenerationOptions> over(language::GenerationOptions profile) const;

 private:
  std::optional<int> max_new_tokens_, min_new_tokens_, max_length_, min_length_, num_beams_, num_return_sequences_;
  std::optional<int> no_repeat_ngram_size_, top_k_;
  std::optional<double> length_penalty_, repetition_penalty_, temperature_, top_p_;
  std::optional<std::uint64_t> seed_;
  std::string early_stopping_;
  std::vector<std::string> stop_strings_;
  bool do_sample_ = false;
};

/// How scenes become requests.
struct SceneCaptionFlags {
  int frames_per_scene = 2;
  std::string policy = "start-middle";
  double fps = 1.0;
  int short_side_px = 336;
  std::string prompt_file;
  std::vector<std::string> context;

  void add_to(CLI::App& app);
  /// All but the generation options. Errors: kUsage, kInput (the prompt file).
  [[nodiscard]] Result<pipeline::CaptionRunOptions> options() const;
};

/// The instruction of the benchmark's kind, used when there is no --prompt-file.
extern const char* const kDefaultInstruction;

}  // namespace cinescribe::cli
