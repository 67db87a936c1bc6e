#pragma once

#include <filesystem>
#include <memory>

#include "cinescribe/captions/vision_family.h"
#include "cinescribe/core/status.h"
#include "cinescribe/tensor/compute_device.h"
#include "cinescribe/tensor/model_card.h"
#include "cinescribe/tensor/weight_file.h"

namespace cinescribe::captions {

/// What is needed to load a family's part of a model folder; the weight file must outlive what is loaded.
struct FamilySources {
  const std::filesystem::path& folder;
  const tensor::ModelCard& card;
  const VisionOptions& options;
  const tensor::WeightFile& file;
  tensor::ComputeDevice& device;
};

/// LLaVA-NeXT: tiles of an any-resolution canvas, one token per kept patch, a newline after each row of the canvas.
/// Errors of all three: kModel, kResource.
/// @source transformers 4.57.1, LlavaNextModel.pack_image_features
Result<std::unique_ptr<VisionFamily>> load_llava_vision(const FamilySources& sources);

/// Phi-3-vision and Phi-3.5-vision: crops and a global view, one token per 2 × 2 patches, separators between rows and
/// parts. @source microsoft/Phi-3.5-vision-instruct, Phi3ImageEmbedding.hd_feature_transform
Result<std::unique_ptr<VisionFamily>> load_phi_vision(const FamilySources& sources);

/// InstructBLIP: one squashed tile, a Q-Former that reads it with the instruction, a projection of its queries.
/// @source transformers 4.57.1, InstructBlipForConditionalGeneration
Result<std::unique_ptr<VisionFamily>> load_instructblip_vision(const FamilySources& sources);

}  // namespace cinescribe::captions
