#pragma once

#include <string>
#include <vector>

#include "cinescribe/cli/commands.h"

/// The sub-commands of `cinescribe models`.
namespace cinescribe::cli {

struct ModelsArguments {
  std::vector<std::string> names;
  bool is_default = false;  ///< pull --default
  bool is_forced = false;   ///< pull --force
  bool is_json = false;
  std::string task;             ///< list --task
  std::string type = "q4_k_m";  ///< pull, synthesize --type
  std::string vision_type;      ///< pull, synthesize --vision-type
  int layers = 0;               ///< synthesize --layers
  std::string output;           ///< synthesize -o
  bool is_captioner = true;     ///< advise --captioner: what there is advice on
  int frames_per_scene = 2;     ///< advise --frames-per-scene
  std::string detail = "high";  ///< advise --detail
  int batch = 0;                ///< advise --batch
  int new_tokens = 60;          ///< advise --new-tokens
  double scene_seconds = 6.0;   ///< advise --scene-seconds
};

Outcome list_models(const ModelsArguments& arguments);
Outcome show_models(const ModelsArguments& arguments);
Outcome pull_models(const ModelsArguments& arguments, const CommonOptions& common);
Outcome synthesize_models(const ModelsArguments& arguments, const CommonOptions& common);
Outcome verify_models(const ModelsArguments& arguments, const CommonOptions& common);
Outcome print_model_paths(const ModelsArguments& arguments);
Outcome remove_models(const ModelsArguments& arguments, const CommonOptions& common);
Outcome advise_models(const ModelsArguments& arguments, const CommonOptions& common);

}  // namespace cinescribe::cli
