#pragma once

#include <memory>
#include <string>

#include "cinescribe/pipeline/sound_model.h"
#include "cinescribe/pipeline/stage.h"
#include "cinescribe/sounds/tag_pool.h"

namespace cinescribe::pipeline {

struct SoundStageOptions {
  std::string model = "yamnet";  ///< Catalogue name, folder or file.
  SoundModelOptions loading;
  sounds::TagFilter filter;
  bool masks_speech = false;             ///< Silence speech first (needs `vad_model`).
  std::string vad_model = "silero-vad";  ///< Catalogue name or file.
};

/// The stage "sounds", by the cuts of "scenes" where there are any: units are what is heard in one scene after the
/// other (see `results::sound_unit_json`). The model is loaded once, by the first run; all videos share it.
std::unique_ptr<Stage> make_sound_stage(const SoundStageOptions& options);

}  // namespace cinescribe::pipeline
