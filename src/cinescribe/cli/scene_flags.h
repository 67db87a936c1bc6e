#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cinescribe/core/status.h"
#include "cinescribe/scenes/detector_options.h"

namespace cinescribe::cli {

/// Flags that choose and tune a scene detector, as typed.
struct SceneFlags {
  std::string detector = "content";
  double threshold = 0.0;  ///< Counts only when given; each detector has its own default.
  std::string min_scene_length = "15";
  int frame_skip = 0;
  std::string filter = "merge";
  std::vector<double> weights;
  bool luma_only = false;
  int kernel_size = 0;
  int window = 2;
  double min_content = 15.0;
  double fade_bias = 0.0;
  bool add_final_scene = false;
  std::string method = "floor";
  std::string min_out_length = "0";
  int hash_size = 8;
  int hash_lowpass = 2;
  int bins = 128;
  CLI::Option* threshold_option = nullptr;
};

/// Registers the flags on a command.
void add_scene_flags(CLI::App& app, SceneFlags& flags);

/// The options that the flags ask for. Errors: kUsage (a length that is none).
Result<scenes::DetectorOptions> detector_options(const SceneFlags& flags);

/// Reads "15" (frames), "0.6s", "600ms" or "00:00:00.600". Errors: kUsage, naming `flag`.
Result<scenes::MinLength> parse_length(const std::string& flag, const std::string& text);

}  // namespace cinescribe::cli
