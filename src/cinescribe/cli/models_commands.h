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
  std::string task;  ///< list --task
};

Outcome list_models(const ModelsArguments& arguments);
Outcome show_models(const ModelsArguments& arguments);
Outcome pull_models(const ModelsArguments& arguments, const CommonOptions& common);
Outcome verify_models(const ModelsArguments& arguments, const CommonOptions& common);
Outcome print_model_paths(const ModelsArguments& arguments);
Outcome remove_models(const ModelsArguments& arguments, const CommonOptions& common);

}  // namespace cinescribe::cli
