#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "cinescribe/captions/vlm_options.h"
#include "cinescribe/core/status.h"
#include "cinescribe/language/generation.h"
#include "cinescribe/pipeline/caption_run.h"

namespace cinescribe::pipeline {

/// A captioner found by its name, and what suits it.
struct ChosenCaptioner {
  CaptionerSource source;
  language::GenerationOptions reference;  ///< What the checkpoint's `generate` does when nothing is said.
  language::GenerationOptions scenes;     ///< The profile for scenes of videos.
  std::uint64_t model_bytes = 0;          ///< Of the model's files; 0 for what computes elsewhere.
};

/// Finds "narrator", a server or a pair of GGUF files (outside_captioners.h), a model of the catalogue or a model
/// folder; loads nothing yet. `options.batch` and the rest are
/// used when it is loaded. Errors: kModel (not there; a Hugging Face checkpoint, with the command that imports it;
/// random weights without `may_be_synthetic`).
Result<ChosenCaptioner> choose_captioner(const std::string& name, const captions::VlmOptions& options,
                                         bool may_be_synthetic);

}  // namespace cinescribe::pipeline
