#pragma once

#include <memory>
#include <string>

#include "cinescribe/core/status.h"
#include "cinescribe/models/model_store.h"
#include "cinescribe/sounds/sound_tagger.h"

namespace cinescribe::pipeline {

struct SoundModelOptions {
  /// Weights of an AST model after import: f32, f16, bf16, q8_0, or auto: f32 (exact) where the checkpoint is so small
  /// that the type does not decide the speed, else the fastest: bf16 where the processor multiplies it, f16 elsewhere.
  std::string type = "auto";
  std::string device = "cpu";
  int threads = 0;  ///< 0 = as many as cores.
};

/// Loads whatever names sounds: YAMNet's folder, a Hugging Face AST folder (imported into the cache on first use), or a
/// GGUF file imported from one. Errors: kModel (none of these; damaged), kUsage (unknown type), kResource.
Result<std::unique_ptr<sounds::SoundTagger>> load_sound_model(const models::LocatedModel& model,
                                                              const SoundModelOptions& options);

}  // namespace cinescribe::pipeline
