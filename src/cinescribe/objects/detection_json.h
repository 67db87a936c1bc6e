#pragma once

#include <string>
#include <string_view>

#include "cinescribe/core/status.h"
#include "cinescribe/objects/mot_file.h"

namespace cinescribe::objects {

/// Reads the two JSON forms that `read_detections` describes. Error: kInput, naming what is wrong and where.
Result<DetectionSequence> parse_detection_json(std::string_view text, const std::string& name, double frame_rate_hz);

}  // namespace cinescribe::objects
