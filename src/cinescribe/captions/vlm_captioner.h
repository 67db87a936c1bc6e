#pragma once

#include <filesystem>
#include <memory>

#include "cinescribe/captions/captioner.h"
#include "cinescribe/captions/vlm_options.h"
#include "cinescribe/core/status.h"

namespace cinescribe::captions {

/// A vision-language model of a model folder (docs/model-folder.md) as a captioner. Prompts are assembled exactly as
/// the family's reference processor does; pictures of the next scenes are encoded in common batches ahead of the
/// decoding, at the same time where the model runs on another device than the CPU.
///
/// Requests: one picture or more; InstructBLIP joins several to a panorama. `generation` without end tokens gets the
/// model's. Errors of loading: kModel, kResource. Errors of one scene: kUsage (placeholders that do not fit), kInput
/// (pictures or instructions that the model cannot take, overflow with the rule to refuse), kModel (longer than a
/// sliding window), kResource (later scenes alone; that the first one does not fit ends the run).
Result<std::unique_ptr<Captioner>> load_vlm(const std::filesystem::path& folder, const CaptionerFacts& facts,
                                            const VlmOptions& options);

}  // namespace cinescribe::captions
