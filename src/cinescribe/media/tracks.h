#pragma once

// Private to the room.

#include "cinescribe/core/status.h"
#include "cinescribe/media/decode_pass.h"
#include "cinescribe/media/input.h"

namespace cinescribe::media {

/// Container indices of the chosen streams; -1 = the file has none.
struct Tracks {
  int video = -1;
  int audio = -1;
};

/// Error: kUsage for a track that is not there; the message lists those that are.
Result<Tracks> choose_tracks(const Input& input, const DecodeOptions& options);

}  // namespace cinescribe::media
