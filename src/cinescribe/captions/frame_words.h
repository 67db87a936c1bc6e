#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "cinescribe/captions/captioner.h"

/// Words around pictures, for models that are spoken to in chat messages.
namespace cinescribe::captions {

/// What stands before picture `index` of a scene: "Frame 2 of 4 at 00:00:03.500:", without the time when the request
/// has none; empty for a single picture without a time.
std::string frame_label(const CaptionRequest& request, std::size_t index);

/// The text without a leading block of reasoning ("<think>...</think>") and without space around it. A block that
/// never ends leaves nothing.
std::string without_reasoning(std::string_view text);

/// Whether the request is one: frames of three channels and full size, as many times as frames or none, a prompt.
/// Error: kUsage.
Status check_request(const CaptionRequest& request);

}  // namespace cinescribe::captions
