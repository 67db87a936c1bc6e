#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/models/catalogue.h"

namespace cinescribe::models {

/// One file of an installed model, as written into its record when it was verified.
struct InstalledFile {
  std::string path;
  std::uint64_t size = 0;
  std::string sha256;
  bool is_pinned = true;  ///< The checksum came from the catalogue; else it was recorded at the first fetch.
  std::string source;     ///< Where it came from, as the catalogue spells it.
};

/// The record `cinescribe-model.json` in the folder of an installed model.
struct InstalledModel {
  std::string name;
  std::string family;
  std::string licence;
  std::vector<InstalledFile> files;
  bool is_synthetic = false;  ///< Random weights, for measuring only.
};

enum class InstallState {
  kAbsent,
  kInstalled,
  kDamaged,    ///< A file is missing or of another length than recorded.
  kOutdated,   ///< Whole, but the catalogue now wants other files.
  kSynthetic,  ///< Random weights in the model's shapes stand in its place.
};

/// Name of a state in JSON and lists, e.g. "installed".
const char* install_state_name(InstallState state);

/// Compares lengths, not contents (see `verify_installed`).
InstallState install_state(const CatalogueEntry& entry);

/// Names of everything in the cache's `models` folder that has a record, sorted; also of models that are in no
/// catalogue (any more).
std::vector<std::string> installed_names();

/// Errors: kModel (not installed, or its record is unreadable).
Result<InstalledModel> read_installed(std::string_view name);
/// Puts the record into `folder`. Errors: kResource.
Status write_record(const std::filesystem::path& folder, const InstalledModel& model);

/// What is wrong with an installed model's files; empty = all checksums are right.
/// Errors: kModel (not installed), kInterrupted.
Result<std::vector<std::string>> verify_installed(std::string_view name, const std::stop_token& stop);

/// Removes an installed model, and what an interrupted fetch left of it. Returns the bytes freed.
/// Errors: kModel (nothing of that name is there), kResource, kInterrupted (while waiting for a process that works on
/// it).
Result<std::uint64_t> remove_installed(std::string_view name, const std::stop_token& stop);

}  // namespace cinescribe::models
