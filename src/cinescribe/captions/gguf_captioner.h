#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cinescribe/captions/captioner.h"
#include "cinescribe/captions/gguf_pair.h"
#include "cinescribe/captions/vlm_options.h"
#include "cinescribe/core/status.h"
#include "cinescribe/language/language_model.h"

namespace cinescribe::captions {

/// Any vision-language model that llama.cpp's libmtmd reads.
struct GgufCaptionerOptions {
  std::string name = "gguf";   ///< For records.
  std::string device = "cpu";  ///< "cpu" or a ggml device ("cuda:0").
  int threads = 0;             ///< 0 = as many as cores.
  int gpu_layers = -1;         ///< Layers on the device; -1 = all.
  std::string chat_template;   ///< A template or the name of one; empty = the folder's or the file's own.
  /// Of one picture (the overview of a tiled one not counted), for models that tile pictures or take them in their own
  /// size; 0 = as the model does. Small numbers are much faster on processors and lose small things.
  int max_image_tokens = 0;
  int scenes_at_once = 4;                              ///< Decoded together, 1..64.
  language::KvType kv_type = language::KvType::kAuto;  ///< Auto: f16, as llama.cpp's own tools.
  language::FlashAttention flash_attention = language::FlashAttention::kAuto;
  OverflowRule on_overflow = OverflowRule::kWarn;
  /// A forecast measures models of this size or more; smaller ones are fast whatever they do.
  std::uint64_t measured_from_bytes = std::uint64_t{512} << 20;
};

/// A captioner on a pair of GGUF files. Each scene's prompt is a user's message in the model's own chat template: every
/// frame after its label ("Frame 2 of 4 at 00:00:03.500:"), then the instruction. Pictures of several scenes are
/// encoded in common graphs where the model can; scenes decode together and join as others finish. Options of
/// generation mean what they mean for Hugging Face; no end ids given: the model's own. On CPUs greedy ids are those of
/// llama.cpp's own command-line tool. Errors of one scene: kUsage, kInput (frames that the model cannot take, overflow
/// with the rule to refuse), kModel, kResource (later scenes alone; that the first one does not fit ends the run).
/// `run` answers kInterrupted, kResource, kInternal. Errors: kUsage (options out of range), kModel (files damaged, of
/// an unknown kind or not of one model; no usable chat template), kResource.
Result<std::unique_ptr<Captioner>> make_gguf_captioner(const GgufPair& pair, const GgufCaptionerOptions& options);

}  // namespace cinescribe::captions
