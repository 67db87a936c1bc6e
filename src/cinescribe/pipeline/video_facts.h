#pragma once

#include <filesystem>

#include "cinescribe/media/decode_pass.h"
#include "cinescribe/pipeline/media_identity.h"
#include "cinescribe/results/base_data.h"

namespace cinescribe::pipeline {

/// What is known of a video after a pass over it (or, before `pass.run()`, from its header alone).
results::VideoFacts video_facts(const std::filesystem::path& file, const MediaIdentity& media,
                                const media::DecodePass& pass, const media::DecodeOptions& options,
                                bool has_decoded_pictures);

}  // namespace cinescribe::pipeline
