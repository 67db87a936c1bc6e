#include "cinescribe/models/model_folder.h"

#include <string>
#include <system_error>

#include "cinescribe/models/cache.h"
#include "cinescribe/models/catalogue.h"
#include "cinescribe/models/source.h"

namespace cinescribe::models {

namespace fs = std::filesystem;

namespace {

Result<fs::path> check_folder(const fs::path& path) {
  std::error_code code;
  if (is_model_folder(path)) return path;
  if (fs::exists(path / "config.json", code)) {
    return Error{ErrorCode::kModel, path.string() +
                                        " is a Hugging Face checkpoint; make a model folder of it first with `" +
                                        "cinescribe import " + path.string() + " -o MODEL`"};
  }
  return Error{ErrorCode::kModel, path.string() +
                                      " is no model folder (there is no model.json in it); make one with `cinescribe "
                                      "import HF_FOLDER -o MODEL` or `cinescribe models pull NAME`"};
}

}  // namespace

std::string folder_name(const fs::path& folder) {
  std::error_code code;
  const fs::path full = fs::weakly_canonical(folder, code);
  return (full.has_filename() ? full : full.parent_path()).filename().string();
}

bool is_model_folder(const fs::path& folder) {
  std::error_code code;
  return fs::is_regular_file(folder / "model.json", code);
}

Result<fs::path> find_model_folder(std::string_view name_or_path) {
  std::error_code code;
  CINESCRIBE_ASSIGN(const Catalogue catalogue, Catalogue::load());
  const bool is_name = is_safe_relative_path(name_or_path) && name_or_path.find('/') == std::string_view::npos;
  if (is_name && is_model_folder(installed_folder(name_or_path))) return installed_folder(name_or_path);
  const CatalogueEntry* entry = catalogue.find(name_or_path);
  if (entry == nullptr) {
    const fs::path path(name_or_path);
    if (!name_or_path.empty() && fs::exists(path, code)) return check_folder(path);
    if (!is_name) {
      return Error{ErrorCode::kModel, "there is no folder " + path.string() +
                                          "; give a model folder, or a name from `cinescribe models list`"};
    }
    return catalogue.get(name_or_path).error();
  }
  if (fs::exists(installed_folder(name_or_path), code)) {
    return Error{ErrorCode::kModel,
                 "the model '" + entry->name + "' is no vision-language model (its task is " + entry->task + ")"};
  }
  return Error{ErrorCode::kModel, "the model '" + entry->name +
                                      "' is not installed; get it with `cinescribe models pull " + entry->name + "`"};
}

}  // namespace cinescribe::models
