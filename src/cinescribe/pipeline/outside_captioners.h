#pragma once

#include <optional>
#include <string>

#include "cinescribe/captions/vlm_options.h"
#include "cinescribe/core/status.h"
#include "cinescribe/pipeline/chosen_captioner.h"

namespace cinescribe::pipeline {

/// Captioners that are no model folders of ours: "openai:MODEL[@BASE_URL]" (a server; the key comes from the
/// environment) and "gguf:FOLDER|NAME" (a pair for llama.cpp; NAME is one of the catalogue, which also works without
/// "gguf:"). Loads nothing. Nothing when `name` is of no such kind. Errors: kUsage (how it is written), kModel (not
/// there).
std::optional<Result<ChosenCaptioner>> choose_outside_captioner(const std::string& name,
                                                                const captions::VlmOptions& options);

}  // namespace cinescribe::pipeline
