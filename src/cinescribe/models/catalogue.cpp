#include "cinescribe/models/catalogue.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "cinescribe/core/file.h"
#include "cinescribe/models/catalogue_builtin.h"
#include "cinescribe/models/model_store.h"
#include "cinescribe/models/nearest_name.h"

namespace cinescribe::models {

namespace {

constexpr std::uint64_t kLargestCatalogue = 8U << 20U;

std::filesystem::path configuration_folder() {
  if (const char* folder = std::getenv("XDG_CONFIG_HOME"); folder != nullptr && *folder != '\0') {
    return std::filesystem::path(folder) / "cinescribe";
  }
  const char* home = std::getenv("HOME");
  return home == nullptr ? std::filesystem::path() : std::filesystem::path(home) / ".config" / "cinescribe";
}

}  // namespace

std::uint64_t CatalogueEntry::total_bytes() const {
  std::uint64_t sum = 0;
  for (const CatalogueFile& file : files) sum += file.size.value_or(0);
  return std::max(sum, about_bytes);
}

Result<Catalogue> Catalogue::load() {
  CINESCRIBE_ASSIGN(Catalogue catalogue, parse(builtin_catalogue(), {}));
  for (const auto& folder : {configuration_folder(), cache_folder()}) {
    const auto path = folder / "catalogue.json";
    std::error_code code;
    if (folder.empty() || !std::filesystem::exists(path, code)) continue;
    auto text = read_file(path, kLargestCatalogue);
    if (!text.ok()) return Error{ErrorCode::kModel, text.error().message};
    auto own = parse(*text, folder);
    if (!own.ok()) {
      return Error{ErrorCode::kModel,
                   "cannot use the catalogue " + path.string() + ": " + own.error().message + "; mend or remove it"};
    }
    catalogue.merge(*std::move(own));
  }
  return catalogue;
}

void Catalogue::merge(Catalogue other) {
  for (CatalogueEntry& entry : other.entries_) {
    const auto same = std::find_if(entries_.begin(), entries_.end(),
                                   [&entry](const CatalogueEntry& known) { return known.name == entry.name; });
    if (same == entries_.end()) {
      entries_.push_back(std::move(entry));
    } else {
      *same = std::move(entry);
    }
  }
  for (auto& [key, package] : other.packages_) packages_[key] = std::move(package);
}

const CatalogueEntry* Catalogue::find(std::string_view name) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [name](const CatalogueEntry& entry) { return entry.name == name; });
  return found == entries_.end() ? nullptr : &*found;
}

const CataloguePackage* Catalogue::find_package(const std::string& key) const {
  const auto found = packages_.find(key);
  return found == packages_.end() ? nullptr : &found->second;
}

Result<CatalogueEntry> Catalogue::get(std::string_view name) const {
  if (const CatalogueEntry* entry = find(name); entry != nullptr) return *entry;
  std::vector<std::string> names;
  for (const CatalogueEntry& entry : entries_) names.push_back(entry.name);
  const std::string nearest = nearest_name(name, names);
  return Error{ErrorCode::kModel, "there is no model '" + std::string(name) + "' in the catalogue" +
                                      (nearest.empty() ? "" : "; did you mean '" + nearest + "'?") +
                                      (nearest.empty() ? "; " : " ") + "`cinescribe models list` shows all"};
}

}  // namespace cinescribe::models
