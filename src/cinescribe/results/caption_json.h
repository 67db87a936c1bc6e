#pragma once

#include <string>
#include <string_view>

#include "cinescribe/core/status.h"
#include "cinescribe/results/caption_data.h"

namespace cinescribe::results {

/// One caption as JSON text without line breaks, keys always in the same order: an element of `scenes` in
/// `vlm_captions.json`, and a unit of a captioner's journal.
std::string caption_json(const CaptionRecord& record);

/// Errors: kInput, naming the key that is missing or of the wrong kind.
Result<CaptionRecord> caption_from_json(std::string_view text);

}  // namespace cinescribe::results
