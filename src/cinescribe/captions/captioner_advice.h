#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cinescribe/captions/machine_speed.h"

namespace cinescribe::captions {

/// Sizes of a vision-language model, from its published configuration and files.
struct CaptionerShape {
  std::string name;             ///< Of the catalogue.
  std::string type;             ///< Of the language model's matrices.
  std::string vision_type;      ///< Of the vision side's.
  double parameters = 0.0;      ///< Of the language model that multiply at every token.
  double weight_bytes = 0.0;    ///< All files.
  double language_bytes = 0.0;  ///< Read for every step of writing.
  double kv_bytes_per_token = 0.0;
  double attention_width = 0.0;  ///< Heads x head size of all layers.
  /// Of one 16:9 frame of 336 lines, as the model takes it and with `--detail low`.
  double frame_tokens = 0.0;
  double frame_tokens_low = 0.0;
  double frame_gflop = 0.0;
  double frame_gflop_low = 0.0;
  bool is_one_picture = false;  ///< All frames of a scene are joined to one.
};

/// The models of the catalogue: the ladder of GGUF pairs in the type they come in, the Hugging Face checkpoints in f16,
/// q8_0, q6_k and q4_k_m.
std::span<const CaptionerShape> known_captioners();

/// What is to be described, and how.
struct AdviceQuestion {
  int frames_per_scene = 2;
  int new_tokens = 60;     ///< Of a usual caption.
  int scenes_at_once = 0;  ///< 0 = what is fastest and fits, up to 16.
  double scene_seconds = 6.0;
  bool is_low_detail = false;
  std::uint64_t free_bytes = 0;
};

/// A model for this machine. The numbers are estimates.
struct CaptionerAdvice {
  std::string name;
  std::string type;
  int scenes_at_once = 1;
  double memory_bytes = 0.0;
  bool fits = false;
  double seconds_per_scene = 0.0;
  double rtf = 0.0;  ///< Seconds of work per second of video, for scenes of `scene_seconds`.
};

/// Models in the order in which to try them: those that fit and take at most a minute for a scene, the largest first
/// (of one model the type with the most bits); those that fit and take longer, the fastest first; then those that do
/// not fit, by their memory.
std::vector<CaptionerAdvice> advise_captioners(std::span<const CaptionerShape> shapes, const MachineSpeeds& speeds,
                                               const AdviceQuestion& question);

}  // namespace cinescribe::captions
