#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/models/checkpoint_files.h"
#include "cinescribe/models/language_plan.h"
#include "cinescribe/models/wanted_tensor.h"
#include "cinescribe/models/weight_source.h"
#include "cinescribe/tensor/model_card.h"

namespace cinescribe::models {

/// What the planning needs to know of a tokenizer.
struct VocabularyFacts {
  std::size_t size = 0;
  std::function<int(std::string_view)> find;  ///< Id of a token by its text, -1 = none.
};

/// Everything that an import will write, worked out from the configuration before the first byte.
struct ImportPlan {
  tensor::ModelCard card;  ///< Without name, source, types and checksums.
  LanguagePlan language;   ///< Its card is the one of `card`.
  std::vector<WantedTensor> vision;
};

/// Errors: kModel, for a family that none of the plans below knows.
Status check_family(const CheckpointFiles& files);

/// Plans by `files.family()`. Errors: kModel (unknown family, a configuration that contradicts itself or the weights).
Result<ImportPlan> plan_import(const CheckpointFiles& files, const WeightSource& weights,
                               const VocabularyFacts& vocabulary);

/// The single families. @source transformers 4.57 LlavaNext, InstructBlip; Phi-3.5-vision's own modelling files.
Result<ImportPlan> plan_llava_next(const CheckpointFiles& files, const WeightSource& weights,
                                   const VocabularyFacts& vocabulary);
Result<ImportPlan> plan_phi3_v(const CheckpointFiles& files, const WeightSource& weights,
                               const VocabularyFacts& vocabulary);
Result<ImportPlan> plan_instructblip(const CheckpointFiles& files, const WeightSource& weights,
                                     const VocabularyFacts& vocabulary);

/// Mean, deviation and scale of a preprocessor_config, CLIP's where it is silent. Errors: kModel (also for steps that
/// are switched off, and for another resampling filter than Pillow's bicubic where `is_bicubic`).
Result<tensor::PixelCard> read_pixels(const tensor::JsonFields& preprocessor, bool is_bicubic);

/// The ids below `vocabulary`, each once, in their order.
std::vector<int> ids_within(const std::vector<int>& ids, int vocabulary);

}  // namespace cinescribe::models
