#pragma once

#include <cstdint>
#include <string>

#include "cinescribe/language/language_model.h"

namespace cinescribe::captions {

/// What to do with a scene whose prompt and answer go beyond the context that the model was trained with.
enum class OverflowRule {
  kWarn,         ///< Describe it all the same, as the reference does, and say so.
  kRefuse,       ///< An error for this scene.
  kFewerFrames,  ///< Leave out frames, evenly, until it fits; one frame stays.
};

/// "warn", "refuse" or "fewer-frames", as the command line and records say it.
constexpr const char* overflow_name(OverflowRule rule) {
  switch (rule) {
    case OverflowRule::kRefuse:
      return "refuse";
    case OverflowRule::kFewerFrames:
      return "fewer-frames";
    case OverflowRule::kWarn:
      break;
  }
  return "warn";
}

/// How a vision-language model runs and what it is shown.
struct VlmOptions {
  bool is_offline = false;  ///< Nothing leaves this machine: servers elsewhere are refused.
  std::string device = "cpu";
  int threads = 0;      ///< 0 = as many as cores.
  int gpu_layers = -1;  ///< Layers of the language model on the device; -1 = all.
  int batch = 4;        ///< Scenes that are decoded at once.
  language::KvType kv_type = language::KvType::kAuto;
  language::FlashAttention flash_attention = language::FlashAttention::kAuto;
  bool has_kv_cache = true;  ///< false: every step computes everything again (a measuring aid).
  bool is_low_detail = false;
  int num_crops = 0;  ///< Phi: overrides the model's; 0 = the model's.
  OverflowRule on_overflow = OverflowRule::kWarn;
  /// InstructBLIP joins the frames of a scene to one wide picture: from the last to the first instead.
  bool is_panorama_reversed = false;
  std::string chat_template;  ///< GGUF pairs: a template's name or file, instead of the model's own; empty = its own.
  bool is_frame_by_frame = false;  ///< Every frame is described by itself; the scene gets all that is said.
  /// A forecast measures models of this size or more; smaller ones are fast whatever they do.
  std::uint64_t measured_from_bytes = std::uint64_t{512} << 20;
  bool is_plain_vision = false;  ///< Plain f32 attention in the vision tower (parity).
};

}  // namespace cinescribe::captions
