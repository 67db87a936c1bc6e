#pragma once

#include "cinescribe/captions/scene_context.h"
#include "cinescribe/results/records.h"

namespace cinescribe::pipeline {

/// What stage 1 found in a scene, as captioners read it: speech in time order; kinds of things by how much of the
/// picture they fill for how long, counted as the most at one moment; sounds by their highest score.
captions::SceneContext scene_facts(const results::SceneRecord& scene);

}  // namespace cinescribe::pipeline
