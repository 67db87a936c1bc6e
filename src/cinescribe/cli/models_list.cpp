#include <algorithm>
#include <cstdio>

#include "cinescribe/cli/byte_count.h"
#include "cinescribe/cli/json_output.h"
#include "cinescribe/cli/models_commands.h"
#include "cinescribe/models/cache.h"
#include "cinescribe/models/catalogue.h"
#include "cinescribe/models/installed_model.h"
#include "cinescribe/models/model_store.h"

namespace cinescribe::cli {

namespace {

using Json = nlohmann::ordered_json;
using models::CatalogueEntry;
using models::InstallState;

Json summary_of(const CatalogueEntry& entry, InstallState state) {
  Json json = {{"name", entry.name},
               {"task", entry.task},
               {"family", entry.family},
               {"licence", entry.licence},
               {"size_bytes", entry.total_bytes()},
               {"is_default", entry.is_default},
               {"state", models::install_state_name(state)},
               {"is_installed", state == InstallState::kInstalled},
               {"description", entry.description}};
  if (state != InstallState::kAbsent) json["path"] = models::installed_folder(entry.name).string();
  return json;
}

Json details_of(const CatalogueEntry& entry) {
  Json json = summary_of(entry, models::install_state(entry));
  if (!entry.licence_note.empty()) json["licence_note"] = entry.licence_note;
  if (!entry.languages.empty()) json["languages"] = entry.languages;
  if (!entry.home.empty()) json["home"] = entry.home;
  json["files"] = Json::array();
  for (const auto& file : entry.files) {
    Json sources = Json::array();
    for (const auto& parts : file.sources) {
      Json source = Json::array();
      for (const auto& part : parts) source.push_back(part.text);
      sources.push_back(std::move(source));
    }
    json["files"].push_back({{"path", file.path},
                             {"size_bytes", file.size ? Json(*file.size) : Json()},
                             {"sha256", file.sha256.empty() ? Json() : Json(file.sha256)},
                             {"sources", std::move(sources)}});
  }
  return json;
}

void print_details(const CatalogueEntry& entry) {
  std::printf("%s: %s\n", entry.name.c_str(), entry.description.c_str());
  std::printf("  task       %s (family %s)\n", entry.task.c_str(), entry.family.c_str());
  std::printf("  licence    %s%s%s\n", entry.licence.c_str(), entry.licence_note.empty() ? "" : ": ",
              entry.licence_note.c_str());
  if (!entry.languages.empty()) std::printf("  languages  %s\n", entry.languages.c_str());
  if (!entry.home.empty()) std::printf("  home       %s\n", entry.home.c_str());
  const InstallState state = models::install_state(entry);
  std::printf("  state      %s%s%s\n", models::install_state_name(state), state == InstallState::kAbsent ? "" : " in ",
              state == InstallState::kAbsent ? "" : models::installed_folder(entry.name).c_str());
  for (const auto& file : entry.files) {
    std::printf("  file       %s, %s\n", file.path.c_str(),
                file.size ? (std::to_string(*file.size) + " bytes").c_str() : "size not known before the first fetch");
    std::printf("             sha256 %s\n",
                file.sha256.empty() ? "published nowhere: recorded at the first fetch, required from then on"
                                    : file.sha256.c_str());
    for (const auto& parts : file.sources) {
      for (const auto& part : parts) {
        std::printf("             %s %s\n", &part == parts.data() ? "from" : "   +", part.text.c_str());
      }
    }
  }
}

}  // namespace

Outcome list_models(const ModelsArguments& arguments) {
  CINESCRIBE_ASSIGN(const models::Catalogue catalogue, models::Catalogue::load());
  Json list = Json::array();
  std::size_t widest = 4;
  for (const auto& entry : catalogue.entries()) widest = std::max(widest, entry.name.size());
  if (!arguments.is_json) {
    std::printf("%-*s  %-14s  %8s  %-24s  %s\n", static_cast<int>(widest), "NAME", "TASK", "SIZE", "LICENCE", "STATE");
  }
  for (const CatalogueEntry& entry : catalogue.entries()) {
    if (!arguments.task.empty() && entry.task != arguments.task) continue;
    const InstallState state = models::install_state(entry);
    if (arguments.is_json) {
      list.push_back(summary_of(entry, state));
      continue;
    }
    std::string shown(state == InstallState::kAbsent ? "-" : models::install_state_name(state));
    if (entry.is_default) shown += " (default)";
    if (entry.default_rank > 0) shown += " (default, choice " + std::to_string(entry.default_rank) + ")";
    std::printf("%-*s  %-14s  %8s  %-24s  %s\n", static_cast<int>(widest), entry.name.c_str(), entry.task.c_str(),
                format_byte_count(entry.total_bytes()).c_str(), entry.licence.c_str(), shown.c_str());
  }
  if (arguments.is_json) {
    print_json({{"schema_version", 1}, {"cache", models::cache_folder().string()}, {"models", std::move(list)}});
  }
  return 0;
}

Outcome show_models(const ModelsArguments& arguments) {
  CINESCRIBE_ASSIGN(const models::Catalogue catalogue, models::Catalogue::load());
  Json list = Json::array();
  for (const std::string& name : arguments.names) {
    CINESCRIBE_ASSIGN(const CatalogueEntry entry, catalogue.get(name));
    if (arguments.is_json) {
      list.push_back(details_of(entry));
    } else {
      print_details(entry);
    }
  }
  if (arguments.is_json) print_json({{"schema_version", 1}, {"models", std::move(list)}});
  return 0;
}

}  // namespace cinescribe::cli
