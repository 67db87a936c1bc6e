#pragma once

// Private to the room.

#include <string>

#include "cinescribe/media/av.h"

namespace cinescribe::media {

/// Gives `context` a decoding device: `name` is "auto" or FFmpeg's name of a device type. False, with a line in the
/// log, when none can be had; the context then decodes in software. Call before opening the codec.
bool use_device(AVCodecContext& context, const AVCodec& codec, const std::string& name);

}  // namespace cinescribe::media
