#include <cstdio>
#include <string>

#include "cinescribe/cli/byte_count.h"
#include "cinescribe/cli/import_report.h"
#include "cinescribe/cli/json_output.h"
#include "cinescribe/cli/models_commands.h"
#include "cinescribe/cli/progress.h"
#include "cinescribe/models/cache.h"
#include "cinescribe/models/synthesize.h"

namespace cinescribe::cli {

namespace {

Result<models::ImportReport> synthesize_one(const std::string& name, const ModelsArguments& arguments,
                                            const CommonOptions& common, Progress& progress) {
  models::ImportOptions options;
  options.type = arguments.type;
  options.vision_type = arguments.vision_type;
  options.is_forced = arguments.is_forced;
  options.threads = common.threads;
  options.stop = common.stop;
  ImportDisplay display(progress, "synthesize " + name, name);
  options.on_progress = [&display](std::uint64_t done, std::uint64_t total) { display.show(done, total); };
  auto report = arguments.output.empty() ? models::install_synthetic(name, arguments.layers, options)
                                         : models::synthesize_model(name, arguments.layers, arguments.output, options);
  display.end(report.ok() ? "done" : "failed");
  return report;
}

}  // namespace

Outcome synthesize_models(const ModelsArguments& arguments, const CommonOptions& common) {
  if (!arguments.output.empty() && arguments.names.size() != 1) {
    return Error{ErrorCode::kUsage, "--output takes one model"};
  }
  Progress progress(progress_style(common));
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const std::string& name : arguments.names) {
    CINESCRIBE_ASSIGN(const models::ImportReport report, synthesize_one(name, arguments, common, progress));
    tell_import(progress, report, common.quiet);
    const std::string path = arguments.output.empty() ? models::installed_folder(name).string() : arguments.output;
    auto json = import_json(report, path, arguments.type);
    json["is_synthetic"] = true;
    list.push_back(std::move(json));
    if (common.quiet || arguments.is_json) continue;
    progress.message(name + ": SYNTHETIC, random weights for measuring only; " + format_byte_count(report.bytes) +
                     " in " + path);
  }
  if (arguments.is_json) print_json({{"schema_version", 1}, {"models", std::move(list)}});
  return 0;
}

}  // namespace cinescribe::cli
