#pragma once

#include <filesystem>
#include <functional>

#include "cinescribe/core/status.h"
#include "cinescribe/results/caption_data.h"

namespace cinescribe::results {

/// Receives the captions of a file in order. A failure ends the reading and comes back from it.
using CaptionSink = std::function<Status(CaptionRecord&&)>;

/// Reads `vlm_captions.json`, handing out caption after caption; memory does not grow with their number. The file may
/// come from anywhere. Errors: kInput (missing, no JSON, another schema_version, keys missing), or the sink's.
Result<CaptionHeader> read_captions(const std::filesystem::path& path, const CaptionSink& sink);

}  // namespace cinescribe::results
