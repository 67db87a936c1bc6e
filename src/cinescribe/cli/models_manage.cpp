#include <cstdio>

#include "cinescribe/cli/byte_count.h"
#include "cinescribe/cli/json_output.h"
#include "cinescribe/cli/models_commands.h"
#include "cinescribe/models/installed_model.h"
#include "cinescribe/models/model_store.h"

namespace cinescribe::cli {

namespace {
using Json = nlohmann::ordered_json;
}

Outcome verify_models(const ModelsArguments& arguments, const CommonOptions& common) {
  const std::vector<std::string> names = arguments.names.empty() ? models::installed_names() : arguments.names;
  Json list = Json::array();
  std::string damaged;
  for (const std::string& name : names) {
    CINESCRIBE_ASSIGN(const std::vector<std::string> faults, models::verify_installed(name, common.stop));
    list.push_back({{"name", name}, {"is_good", faults.empty()}, {"faults", faults}});
    if (!arguments.is_json) std::printf("%s: %s\n", name.c_str(), faults.empty() ? "good" : "damaged");
    for (const std::string& fault : faults) std::fprintf(stderr, "  %s\n", fault.c_str());
    if (!faults.empty()) damaged += " " + name;
  }
  if (arguments.is_json) print_json({{"schema_version", 1}, {"models", std::move(list)}});
  if (!arguments.is_json && names.empty() && !common.quiet) std::fputs("no model is installed\n", stderr);
  if (!damaged.empty()) {
    return Error{ErrorCode::kModel, "damaged models; mend them with `cinescribe models pull --force" + damaged + "`"};
  }
  return 0;
}

Outcome print_model_paths(const ModelsArguments& arguments) {
  Json list = Json::array();
  for (const std::string& name : arguments.names) {
    CINESCRIBE_ASSIGN(const models::LocatedModel model, models::locate(name));
    list.push_back({{"name", model.name}, {"path", model.path.string()}, {"sha256", model.sha256}});
    if (!arguments.is_json) std::printf("%s\n", model.path.c_str());
  }
  if (arguments.is_json) print_json({{"schema_version", 1}, {"models", std::move(list)}});
  return 0;
}

Outcome remove_models(const ModelsArguments& arguments, const CommonOptions& common) {
  Json list = Json::array();
  for (const std::string& name : arguments.names) {
    CINESCRIBE_ASSIGN(const std::uint64_t freed, models::remove_installed(name, common.stop));
    list.push_back({{"name", name}, {"freed_bytes", freed}});
    if (!common.quiet) std::fprintf(stderr, "%s: removed, %s\n", name.c_str(), format_byte_count(freed).c_str());
  }
  if (arguments.is_json) print_json({{"schema_version", 1}, {"models", std::move(list)}});
  return 0;
}

}  // namespace cinescribe::cli
