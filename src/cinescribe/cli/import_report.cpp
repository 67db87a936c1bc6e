#include "cinescribe/cli/import_report.h"

#include <map>

namespace cinescribe::cli {

using Json = nlohmann::ordered_json;

void ImportDisplay::show(std::uint64_t done_bytes, std::uint64_t total_bytes) {
  if (!is_started_) progress_.start(task_, item_, ProgressUnit::kBytes, static_cast<double>(total_bytes));
  is_started_ = true;
  progress_.update(task_, static_cast<double>(done_bytes));
}

void ImportDisplay::end(const char* outcome) {
  if (is_started_) progress_.finish(task_, outcome);
  is_started_ = false;
}

void tell_import(Progress& progress, const models::ImportReport& report, bool is_quiet) {
  if (is_quiet) return;
  std::map<std::string, std::pair<int, std::string>> kinds;  // "q4_k as f16" -> count, an example
  for (const models::ImportFallback& fallback : report.fallbacks) {
    auto& [count, example] = kinds[fallback.stored + " instead of " + fallback.wanted];
    if (count++ == 0) example = fallback.tensor;
  }
  for (const auto& [kind, found] : kinds) {
    progress.message("note: " + std::to_string(found.first) + (found.first == 1 ? " matrix is" : " matrices are") +
                     " stored as " + kind + ", whose blocks its rows do not fill (" + found.second +
                     (found.first > 1 ? ", …)" : ")"));
  }
  if (!report.unused.empty()) {
    progress.message("warning: " + std::to_string(report.unused.size()) +
                     " tensors of the checkpoint are not used by this family (" + report.unused.front() + " …)");
  }
}

Json import_json(const models::ImportReport& report, const std::string& path, const std::string& type) {
  Json fallbacks = Json::array();
  for (const models::ImportFallback& fallback : report.fallbacks) {
    fallbacks.push_back({{"tensor", fallback.tensor}, {"wanted", fallback.wanted}, {"stored", fallback.stored}});
  }
  return {{"schema_version", 1},    {"family", report.family},   {"name", report.name},   {"path", path},
          {"type", type},           {"tensors", report.tensors}, {"bytes", report.bytes}, {"fallbacks", fallbacks},
          {"unused", report.unused}};
}

}  // namespace cinescribe::cli
