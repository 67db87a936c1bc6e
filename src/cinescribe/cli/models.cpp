#include <memory>

#include "cinescribe/cli/commands.h"
#include "cinescribe/cli/models_commands.h"
#include "cinescribe/models/import_type.h"

namespace cinescribe::cli {

namespace {

CLI::App* add_sub(CLI::App& app, const std::string& name, const std::string& words, ModelsArguments& arguments) {
  CLI::App* sub = app.add_subcommand(name, words);
  sub->add_flag("--json", arguments.is_json, "Write JSON to stdout");
  return sub;
}

void add_types(CLI::App& sub, ModelsArguments& arguments) {
  sub.add_option("--type", arguments.type, "Type of a vision-language model's language matrices")
      ->check(CLI::IsMember(models::import_type_names()))
      ->capture_default_str();
  sub.add_option("--vision-type", arguments.vision_type, "And of its vision side; f16, or f32 with --type f32")
      ->check(CLI::IsMember(models::import_type_names()));
}

}  // namespace

Command add_models(CLI::App& root, const CommonOptions& common) {
  auto arguments = std::make_shared<ModelsArguments>();
  CLI::App* app = root.add_subcommand("models", "List, fetch, check and remove models");
  app->require_subcommand(1);
  app->fallthrough();
  CLI::App* list = add_sub(*app, "list", "All known models, and which are installed", *arguments);
  list->add_option("--task", arguments->task, "Only models for this task, e.g. speech");
  CLI::App* show = add_sub(*app, "show", "All about models: files, checksums, sources, licence", *arguments);
  show->add_option("NAME", arguments->names, "Catalogue names")->required();
  CLI::App* pull = add_sub(*app, "pull", "Fetch models, verify and install them", *arguments);
  pull->add_option("NAME", arguments->names, "Catalogue names");
  pull->add_flag("--default", arguments->is_default, "What `analyze` needs");
  pull->add_flag("--force", arguments->is_forced, "Fetch again although installed");
  add_types(*pull, *arguments);
  CLI::App* synthesize =
      add_sub(*app, "synthesize", "Random weights in a model's true shapes, to measure speed and memory", *arguments);
  synthesize->add_option("NAME", arguments->names, "Catalogue names of vision-language models")->required();
  add_types(*synthesize, *arguments);
  synthesize->add_option("--layers", arguments->layers, "Only so many layers of the language model; 0 = all")
      ->check(CLI::Range(0, 512));
  synthesize->add_option("-o,--output", arguments->output, "A folder for it; the cache without it");
  synthesize->add_flag("--force", arguments->is_forced, "Also in place of a real model");
  CLI::App* verify = add_sub(*app, "verify", "Compute the checksums of installed models again", *arguments);
  verify->add_option("NAME", arguments->names, "Catalogue names; none = all that are installed");
  CLI::App* path = add_sub(*app, "path", "Where an installed model lies", *arguments);
  path->add_option("NAME", arguments->names, "Catalogue names")->required();
  CLI::App* remove = add_sub(*app, "remove", "Remove installed models from the cache", *arguments);
  remove->add_option("NAME", arguments->names, "Catalogue names")->required();
  CLI::App* advise = add_sub(*app, "advise", "Which models suit this machine (estimates)", *arguments);
  advise->add_flag("--captioner", arguments->is_captioner,
                   "Vision-language models that describe scenes (all there is advice on, for now)");
  advise->add_option("--frames-per-scene", arguments->frames_per_scene, "Pictures of each scene")
      ->check(CLI::Range(1, 10));
  advise->add_option("--batch", arguments->batch, "Scenes that decode together; 0 = what is fastest and fits")
      ->check(CLI::Range(0, 255))
      ->capture_default_str();
  advise->add_option("--new-tokens", arguments->new_tokens, "Tokens of a caption")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  advise->add_option("--scene-seconds", arguments->scene_seconds, "Length of a scene, for the real-time factor")
      ->check(CLI::Range(0.01, 1e6))
      ->capture_default_str();
  advise->add_option("--detail", arguments->detail, "high or low")->check(CLI::IsMember({"high", "low"}));
  return {
      app, [=, &common]() -> Outcome {
        if (list->parsed()) return list_models(*arguments);
        if (show->parsed()) return show_models(*arguments);
        if (pull->parsed()) return pull_models(*arguments, common);
        if (synthesize->parsed()) return synthesize_models(*arguments, common);
        if (verify->parsed()) return verify_models(*arguments, common);
        if (path->parsed()) return print_model_paths(*arguments);
        if (remove->parsed()) return remove_models(*arguments, common);
        if (advise->parsed()) return advise_models(*arguments, common);
        return Error{ErrorCode::kUsage, "say what to do: list, show, pull, synthesize, verify, path, remove or advise"};
      }};
}

}  // namespace cinescribe::cli
