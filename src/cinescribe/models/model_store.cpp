#include "cinescribe/models/model_store.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "cinescribe/models/cache.h"
#include "cinescribe/models/catalogue.h"
#include "cinescribe/models/installed_model.h"
#include "cinescribe/models/sha256.h"

namespace cinescribe::models {

namespace fs = std::filesystem;

namespace {

/// The file that stands for a folder: by the names that model folders use, else the largest.
fs::path main_file_of(const fs::path& folder) {
  std::error_code code;
  for (const char* name : {"model.json", "model.bin", "model.onnx", "model.safetensors", "language.gguf"}) {
    if (fs::is_regular_file(folder / name, code)) return folder / name;
  }
  fs::path largest;
  std::uint64_t most_bytes = 0;
  for (auto entry = fs::directory_iterator(folder, code); !code && entry != fs::directory_iterator();
       entry.increment(code)) {
    std::error_code ignored;
    if (!entry->is_regular_file(ignored)) continue;
    const std::uint64_t size = entry->file_size(ignored);
    // The path decides between equals, so that the answer does not depend on the file system's order.
    if (ignored || size < most_bytes || (size == most_bytes && entry->path() > largest)) continue;
    largest = entry->path();
    most_bytes = size;
  }
  return largest;
}

Result<LocatedModel> locate_installed(const CatalogueEntry& entry) {
  const InstallState state = install_state(entry);
  const std::string command = "`cinescribe models pull " + entry.name + "`";
  if (state == InstallState::kAbsent) {
    return Error{ErrorCode::kModel, "the model '" + entry.name + "' is not installed; get it with " + command};
  }
  if (state == InstallState::kDamaged) {
    return Error{ErrorCode::kModel, "the model '" + entry.name + "' in " + installed_folder(entry.name).string() +
                                        " is damaged; mend it with " + command};
  }
  CINESCRIBE_ASSIGN(const InstalledModel model, read_installed(entry.name));
  LocatedModel located{entry.name, installed_folder(entry.name), model.files.front().sha256, true};
  if (model.files.size() == 1) located.path /= model.files.front().path;
  return located;
}

Result<LocatedModel> locate_path(const fs::path& path) {
  std::error_code code;
  const fs::path full = fs::weakly_canonical(path, code);
  const fs::path main_file = fs::is_directory(full, code) ? main_file_of(full) : full;
  if (main_file.empty()) {
    return Error{ErrorCode::kModel, "cannot use the model folder " + path.string() + ": there is no file in it"};
  }
  auto digest = sha256_of_file(main_file);
  if (!digest.ok()) return Error{ErrorCode::kModel, digest.error().message};
  return LocatedModel{full.filename().string(), full, *std::move(digest), false};
}

}  // namespace

Result<LocatedModel> locate(std::string_view model) {
  CINESCRIBE_ASSIGN(const Catalogue catalogue, Catalogue::load());
  if (const CatalogueEntry* entry = catalogue.find(model); entry != nullptr) return locate_installed(*entry);
  std::error_code code;
  if (!model.empty() && fs::exists(fs::path(model), code)) return locate_path(fs::path(model));
  if (model.find('/') != std::string_view::npos) {
    return Error{ErrorCode::kModel, "there is no model at " + std::string(model) +
                                        "; give a folder, a file, or a name from `cinescribe models list`"};
  }
  return catalogue.get(model).error();
}

}  // namespace cinescribe::models
