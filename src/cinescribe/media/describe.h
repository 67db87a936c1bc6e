#pragma once

// Private to the room.

#include "cinescribe/media/av.h"
#include "cinescribe/media/media_info.h"

namespace cinescribe::media {

/// What the headers of an opened container say.
MediaInfo describe(AVFormatContext& format);

/// Whether the stream's content is encrypted as its header says (Matroska; for MP4 see `is_protected_mp4`).
bool is_encrypted(const AVStream& stream);

/// Real moving pictures: neither cover art nor a thumbnail track.
bool is_moving_picture(const AVStream& stream);

/// How long a picture of the stream is shown where no time stamp tells: from the average rate, else 40 ms.
Duration nominal_duration(const MediaInfo& info, int video_stream);

}  // namespace cinescribe::media
