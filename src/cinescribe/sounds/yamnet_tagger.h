#pragma once

#include <filesystem>
#include <memory>

#include "cinescribe/core/status.h"
#include "cinescribe/sounds/sound_tagger.h"

namespace cinescribe::sounds {

/// Log-mel patch as YAMNet wants it: 96 frames × 64 bands, row-major, from at most 15,600 samples (padded with
/// silence).
std::vector<float> yamnet_patch(std::span<const float> samples);

/// YAMNet (521 AudioSet classes), 8-bit, through ONNX Runtime.
///
/// `folder` holds model.onnx, its weights model.data and yamnet_class_map.csv (index, mid, display_name).
/// Errors: kModel (files missing, other inputs or outputs than expected: the message names the shapes found),
/// kResource.
/// @source Hershey et al., "CNN architectures for large-scale audio classification"; the YAMNet model card.
Result<std::unique_ptr<SoundTagger>> load_yamnet(const std::filesystem::path& folder, int threads);

}  // namespace cinescribe::sounds
