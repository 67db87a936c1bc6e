#include "cinescribe/models/installed_model.h"

#include <algorithm>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "cinescribe/core/file.h"
#include "cinescribe/models/cache.h"
#include "cinescribe/models/file_lock.h"
#include "cinescribe/models/sha256.h"

namespace cinescribe::models {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;
constexpr std::uint64_t kLargestRecord = 1U << 20U;
constexpr const char* kRecordName = "cinescribe-model.json";

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// Nothing when a value is missing or of the wrong kind.
std::optional<InstalledFile> file_of(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  InstalledFile file;
  file.path = text_of(json, "path");
  file.sha256 = text_of(json, "sha256");
  file.source = text_of(json, "source");
  const auto size = json.find("size");
  const auto pinned = json.find("is_pinned");
  if (!is_safe_relative_path(file.path) || !is_sha256(file.sha256) || size == json.end() ||
      !size->is_number_unsigned() || pinned == json.end() || !pinned->is_boolean()) {
    return std::nullopt;
  }
  file.size = size->get<std::uint64_t>();
  file.is_pinned = pinned->get<bool>();
  return file;
}

bool has_length(const fs::path& path, std::uint64_t size) {
  std::error_code code;
  return fs::is_regular_file(path, code) && fs::file_size(path, code) == size && !code;
}

Error not_installed(std::string_view name) {
  return {ErrorCode::kModel, "the model '" + std::string(name) + "' is not installed; get it with `cinescribe models " +
                                 "pull " + std::string(name) + "`"};
}

}  // namespace

const char* install_state_name(InstallState state) {
  switch (state) {
    case InstallState::kAbsent:
      return "absent";
    case InstallState::kInstalled:
      return "installed";
    case InstallState::kDamaged:
      return "damaged";
    case InstallState::kOutdated:
      return "outdated";
    case InstallState::kSynthetic:
      return "synthetic";
  }
  return "absent";
}

InstallState install_state(const CatalogueEntry& entry) {
  std::error_code code;
  if (!fs::exists(installed_folder(entry.name), code)) return InstallState::kAbsent;
  const auto model = read_installed(entry.name);
  if (!model.ok()) return InstallState::kDamaged;
  for (const InstalledFile& file : model->files) {
    if (!has_length(installed_folder(entry.name) / file.path, file.size)) return InstallState::kDamaged;
  }
  if (model->is_synthetic) return InstallState::kSynthetic;
  if (entry.is_imported) return InstallState::kInstalled;  // its files were made here
  for (const CatalogueFile& wanted : entry.files) {
    const auto have = std::find_if(model->files.begin(), model->files.end(),
                                   [&wanted](const InstalledFile& file) { return file.path == wanted.path; });
    const bool is_same = have != model->files.end() && (wanted.sha256.empty() || have->sha256 == wanted.sha256);
    if (!is_same) return InstallState::kOutdated;
  }
  return InstallState::kInstalled;
}

std::vector<std::string> installed_names() {
  std::vector<std::string> names;
  std::error_code code;
  for (auto entry = fs::directory_iterator(installed_folder(""), code); !code && entry != fs::directory_iterator();
       entry.increment(code)) {
    if (fs::exists(entry->path() / kRecordName, code)) names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<InstalledModel> read_installed(std::string_view name) {
  const auto path = installed_folder(name) / kRecordName;
  std::error_code code;
  if (!fs::exists(installed_folder(name), code)) return not_installed(name);
  const auto damaged = [&name, &path] {
    return Error{ErrorCode::kModel, "cannot use the model '" + std::string(name) + "': its record " + path.string() +
                                        " is missing or damaged; run `cinescribe models pull " + std::string(name) +
                                        "`"};
  };
  const auto text = read_file(path, kLargestRecord);
  if (!text.ok()) return damaged();
  const Json json = Json::parse(*text, nullptr, false);
  if (!json.is_object() || !json.contains("files") || !json["files"].is_array()) return damaged();
  InstalledModel model{text_of(json, "name"), text_of(json, "family"), text_of(json, "licence"), {}, false};
  const auto synthetic = json.find("is_synthetic");
  model.is_synthetic = synthetic != json.end() && synthetic->is_boolean() && synthetic->get<bool>();
  for (const Json& item : json["files"]) {
    auto file = file_of(item);
    if (!file) return damaged();
    model.files.push_back(*std::move(file));
  }
  if (model.name != name || model.files.empty()) return damaged();
  return model;
}

Status write_record(const fs::path& folder, const InstalledModel& model) {
  Json files = Json::array();
  for (const InstalledFile& file : model.files) {
    files.push_back({{"path", file.path},
                     {"size", file.size},
                     {"sha256", file.sha256},
                     {"is_pinned", file.is_pinned},
                     {"source", file.source}});
  }
  const Json json = {{"schema_version", 1},
                     {"name", model.name},
                     {"family", model.family},
                     {"licence", model.licence},
                     {"is_synthetic", model.is_synthetic},
                     {"files", files}};
  return write_file_atomically(folder / kRecordName, json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

Result<std::vector<std::string>> verify_installed(std::string_view name, const std::stop_token& stop) {
  CINESCRIBE_ASSIGN(const InstalledModel model, read_installed(name));
  std::vector<std::string> faults;
  for (const InstalledFile& file : model.files) {
    const auto digest = sha256_of_file(installed_folder(name) / file.path, stop);
    if (!digest.ok() && digest.error().code == ErrorCode::kInterrupted) return digest.error();
    if (!digest.ok()) {
      faults.push_back(file.path + ": missing or unreadable");
    } else if (*digest != file.sha256) {
      faults.push_back(file.path + ": has the checksum " + *digest + ", should have " + file.sha256);
    }
  }
  return faults;
}

Result<std::uint64_t> remove_installed(std::string_view name, const std::stop_token& stop) {
  std::error_code code;
  const auto folder = installed_folder(name);
  const auto staging = staging_folder(name);
  if (!is_safe_relative_path(name) || (!fs::exists(folder, code) && !fs::exists(staging, code))) {
    return not_installed(name);
  }
  CINESCRIBE_ASSIGN(const FileLock lock, FileLock::acquire(lock_path(name), stop));
  std::uint64_t freed = 0;
  for (const fs::path& root : {folder, staging}) {
    for (auto entry = fs::recursive_directory_iterator(root, code);
         !code && entry != fs::recursive_directory_iterator(); entry.increment(code)) {
      std::error_code ignored;
      if (entry->is_regular_file(ignored)) freed += entry->file_size(ignored);
    }
  }
  // Out of sight in one step first, so that nobody finds half a model.
  const fs::path trash = staging_folder(std::string(name) + ".removed." + std::to_string(::getpid()));
  CINESCRIBE_TRY(create_folder(trash.parent_path()));
  if (fs::exists(folder, code)) fs::rename(folder, trash, code);
  if (!code) fs::remove_all(trash, code);
  if (!code) fs::remove_all(staging, code);
  if (code) {
    return Error{ErrorCode::kResource, "cannot remove " + folder.string() + ": " + code.message() +
                                           "; check the permissions of the cache folder"};
  }
  fs::remove(pins_path(name), code);
  return freed;
}

}  // namespace cinescribe::models
