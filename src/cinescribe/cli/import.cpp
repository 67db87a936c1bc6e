#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "cinescribe/cli/byte_count.h"
#include "cinescribe/cli/commands.h"
#include "cinescribe/cli/import_report.h"
#include "cinescribe/cli/json_output.h"
#include "cinescribe/cli/progress.h"
#include "cinescribe/models/checkpoint_import.h"
#include "cinescribe/models/import_type.h"

namespace cinescribe::cli {

namespace {

struct ImportFlags {
  std::string folder;
  std::string out;
  std::string type = "f16";
  std::string vision_type;
  std::string name;
  std::string licence;
  bool is_forced = false;
  bool is_json = false;
};

Outcome run_import(const ImportFlags& flags, const CommonOptions& common) {
  models::ImportOptions options;
  options.type = flags.type;
  options.vision_type = flags.vision_type;
  options.name = flags.name;
  options.licence = flags.licence;
  options.is_forced = flags.is_forced;
  options.threads = common.threads;
  options.stop = common.stop;
  Progress progress(progress_style(common));
  ImportDisplay display(progress, "import " + flags.folder, flags.out);
  options.on_progress = [&display](std::uint64_t done, std::uint64_t total) { display.show(done, total); };
  const auto report = models::import_checkpoint(flags.folder, flags.out, options);
  display.end(report.ok() ? "done" : "failed");
  if (!report.ok()) return report.error();
  tell_import(progress, *report, common.quiet);
  if (flags.is_json) {
    print_json(import_json(*report, flags.out, flags.type));
  } else if (!common.quiet) {
    progress.message(flags.out + ": " + report->family + ", " + std::to_string(report->tensors) + " tensors, " +
                     format_byte_count(report->bytes));
  }
  return 0;
}

}  // namespace

Command add_import(CLI::App& root, const CommonOptions& common) {
  auto flags = std::make_shared<ImportFlags>();
  CLI::App* app = root.add_subcommand("import", "Make a model folder of a Hugging Face vision-language checkpoint");
  app->add_option("HF_FOLDER", flags->folder, "Folder with config.json, tokenizer and safetensors")->required();
  app->add_option("-o,--output", flags->out, "The model folder to make")->required();
  app->add_option("--type", flags->type, "Type of the language model's matrices")
      ->check(CLI::IsMember(models::import_type_names()))
      ->capture_default_str();
  app->add_option("--vision-type", flags->vision_type,
                  "Type of the vision side's matrices; f16, or f32 with --type f32")
      ->check(CLI::IsMember(models::import_type_names()));
  app->add_option("--name", flags->name, "Name to record; the checkpoint's folder name without it");
  app->add_option("--licence", flags->licence, "Licence to record");
  app->add_flag("--force", flags->is_forced, "Replace a folder that is there already");
  app->add_flag("--json", flags->is_json, "Report as JSON on stdout");
  app->footer("Example:  cinescribe import llava-v1.6-vicuna-7b-hf -o llava --type q4_k_m");
  return {app, [flags, &common] { return run_import(*flags, common); }};
}

}  // namespace cinescribe::cli
