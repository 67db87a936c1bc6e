#pragma once

// Private to the room.

#include <cstdint>

#include "cinescribe/media/av.h"

namespace cinescribe::media {

/// Whether an MP4 file declares a track of encrypted samples ("encv", "enca", the old "drms", ...), which FFmpeg hides
/// behind the name of the codec inside. Reads box headers only, within `size_bytes`; leaves the position at 0.
/// @source ISO/IEC 14496-12 (boxes), 23001-7 (common encryption)
bool is_protected_mp4(AVIOContext& io, std::int64_t size_bytes);

}  // namespace cinescribe::media
