#pragma once

#include <filesystem>

#include "cinescribe/core/status.h"
#include "cinescribe/media/media_info.h"

namespace cinescribe::media {

struct ProbeOptions {
  bool scan =
      false;  ///< Read every packet (no decoding) to learn exact durations, frame counts and the rate's constancy.
};

/// Describes a media file. Errors: kInput, saying what is wrong with it (missing, empty, a folder, not media,
/// encrypted, absurd dimensions, no audio and no video). Thread-safe.
Result<MediaInfo> probe(const std::filesystem::path& file, const ProbeOptions& options = {});

}  // namespace cinescribe::media
