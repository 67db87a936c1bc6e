#pragma once

#include "cinescribe/language/generation.h"
#include "cinescribe/tensor/model_card.h"

namespace cinescribe::captions {

/// What the checkpoint's own `generate` does when it is told nothing but to be greedy: the files' defaults, ends and
/// padding. Drawing at random must be asked for, whatever the files say.
language::GenerationOptions reference_generation(const tensor::ModelCard& card);

/// The profile for scenes of videos: answers of some length within bounds; InstructBLIP with five beams and at least
/// ten new tokens (the benchmark asked for `min_length` 10, which counts the prompt and so does nothing).
language::GenerationOptions scene_generation(const tensor::ModelCard& card);

}  // namespace cinescribe::captions
