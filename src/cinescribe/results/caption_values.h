#pragma once

#include "cinescribe/results/caption_data.h"
#include "cinescribe/results/json_values.h"

/// Captions as nlohmann values. Private to this room.
namespace cinescribe::results {

Json to_value(const CaptionRecord& record);
Result<CaptionRecord> caption_from(const Json& value);

/// Everything that stands before the scenes.
Json to_value(const CaptionHeader& header);
Result<CaptionHeader> caption_header_from(const Json& root);

Json to_value(const CaptionTotals& totals);

}  // namespace cinescribe::results
