#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cinescribe/captions/machine_speed.h"

namespace cinescribe::captions {

/// Sizes of a vision-language model of the catalogue, from its published configuration and files.
struct CaptionerShape {
  const char* name;             ///< Of the catalogue.
  double parameters = 0.0;      ///< Of the language model.
  double weight_bytes = 0.0;    ///< Both files.
  double language_bytes = 0.0;  ///< Read for every step of writing.
  double kv_bytes_per_token = 0.0;
  /// Of one 16:9 frame of 336 lines, as the model takes it and with `--detail low`.
  double frame_tokens = 0.0;
  double frame_tokens_low = 0.0;
  double frame_gflop = 0.0;
  double frame_gflop_low = 0.0;
};

/// The ladder of the catalogue, small to large.
std::span<const CaptionerShape> known_captioners();

/// What is to be described, and how.
struct AdviceQuestion {
  int frames_per_scene = 2;
  int new_tokens = 60;  ///< Of a usual caption.
  int scenes_at_once = 4;
  bool is_low_detail = false;
  std::uint64_t free_bytes = 0;
};

/// A model for this machine. The numbers are estimates.
struct CaptionerAdvice {
  std::string name;
  double memory_bytes = 0.0;
  bool fits = false;
  double seconds_per_scene = 0.0;
};

/// Models in the order in which to try them: those that fit and take at most a minute for a scene, the largest first;
/// those that fit and take longer, the fastest first; then those that do not fit.
std::vector<CaptionerAdvice> advise_captioners(std::span<const CaptionerShape> shapes, const MachineSpeed& speed,
                                               const AdviceQuestion& question);

}  // namespace cinescribe::captions
