#pragma once

#include <string>

#include "cinescribe/pipeline/caption_run.h"

namespace cinescribe::pipeline {

/// Everything but prompt and model that decides the captions, as one JSON object without line breaks: it goes into
/// vlm_captions.json and into the key under which captions are kept. Captioners without eyes have no settings.
std::string caption_settings_json(const CaptionerSource& captioner, const CaptionRunOptions& options);

}  // namespace cinescribe::pipeline
