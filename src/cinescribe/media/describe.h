#pragma once

// Private to the room.

#include "cinescribe/media/av.h"
#include "cinescribe/media/media_info.h"

namespace cinescribe::media {

/// What the headers of an opened container say.
MediaInfo describe(AVFormatContext& format);

/// Whether the stream's content is encrypted (common encryption of MP4 and Matroska, old iTunes protection).
bool is_encrypted(const AVStream& stream);

/// Real moving pictures: neither cover art nor a thumbnail track.
bool is_moving_picture(const AVStream& stream);

}  // namespace cinescribe::media
