#pragma once

#include <memory>
#include <string>

#include "cinescribe/captions/captioner.h"
#include "cinescribe/captions/scene_context.h"

namespace cinescribe::captions {

/// One sentence about a scene, made of nothing but the facts in `context`; the same facts give the same sentence.
std::string narrate(const SceneContext& context);

/// The captioner of machines without a vision-language model: name and family "narrator", no pictures, no model, one
/// sentence per scene by `narrate`.
std::unique_ptr<Captioner> make_narrator();

}  // namespace cinescribe::captions
