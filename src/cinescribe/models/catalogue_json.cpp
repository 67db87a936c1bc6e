#include <algorithm>
#include <initializer_list>
#include <set>

#include <nlohmann/json.hpp>

#include "cinescribe/models/catalogue.h"
#include "cinescribe/models/sha256.h"

namespace cinescribe::models {

namespace {

using Json = nlohmann::json;

Error malformed(const std::string& where, const std::string& what) { return {ErrorCode::kModel, where + ": " + what}; }

Result<std::string> get_text(const Json& object, const char* key, const std::string& where, bool is_required) {
  const auto found = object.find(key);
  if (found == object.end()) {
    if (is_required) return malformed(where, std::string("the key '") + key + "' is missing");
    return std::string();
  }
  if (!found->is_string()) return malformed(where, std::string("'") + key + "' must be a text");
  return found->get<std::string>();
}

Status check_keys(const Json& object, const std::string& where, std::initializer_list<std::string_view> known) {
  if (!object.is_object()) return malformed(where, "must be an object");
  for (const auto& item : object.items()) {
    if (std::find(known.begin(), known.end(), item.key()) == known.end()) {
      return malformed(where, "unknown key '" + item.key() + "'");
    }
  }
  return {};
}

Result<std::string> get_sha256(const Json& object, const std::string& where, bool is_required) {
  CINESCRIBE_ASSIGN(std::string sha256, get_text(object, "sha256", where, is_required));
  if (!sha256.empty() && !is_sha256(sha256)) {
    return malformed(where, "'sha256' must be 64 lower-case hexadecimal digits");
  }
  return sha256;
}

/// false when it is missing.
Result<bool> get_flag(const Json& object, const char* key, const std::string& where) {
  const auto flag = object.find(key);
  if (flag == object.end()) return false;
  if (!flag->is_boolean()) return malformed(where, std::string("'") + key + "' must be true or false");
  return flag->get<bool>();
}

Result<SourceParts> read_source(const Json& json, const std::string& where) {
  SourceParts parts;
  const Json list = json.is_array() ? json : Json::array({json});
  for (const Json& item : list) {
    if (!item.is_string()) return malformed(where, "a source must be a text, or a list of texts to be joined");
    auto source = parse_source(item.get_ref<const std::string&>());
    if (!source.ok()) return malformed(where, source.error().message);
    parts.push_back(*std::move(source));
  }
  if (parts.empty()) return malformed(where, "a source is empty");
  return parts;
}

Result<CatalogueFile> read_model_file(const Json& json, const std::string& model) {
  CINESCRIBE_TRY(check_keys(json, "a file of " + model, {"path", "size", "sha256", "sources", "is_optional"}));
  CatalogueFile file;
  CINESCRIBE_ASSIGN(file.path, get_text(json, "path", "a file of " + model, true));
  const std::string where = model + ", file '" + file.path + "'";
  if (!is_safe_relative_path(file.path)) return malformed(where, "'path' must stay inside the model's folder");
  CINESCRIBE_ASSIGN(file.sha256, get_sha256(json, where, false));
  if (const auto size = json.find("size"); size != json.end()) {
    if (!size->is_number_unsigned()) return malformed(where, "'size' must be a number of bytes");
    file.size = size->get<std::uint64_t>();
  }
  CINESCRIBE_ASSIGN(file.is_optional, get_flag(json, "is_optional", where));
  const auto sources = json.find("sources");
  if (sources == json.end() || !sources->is_array() || sources->empty()) {
    return malformed(where, "'sources' must be a list with at least one source");
  }
  for (const Json& source : *sources) {
    CINESCRIBE_ASSIGN(SourceParts parts, read_source(source, where));
    if (file.sha256.empty() && std::any_of(parts.begin(), parts.end(),
                                           [](const Source& part) { return part.text.substr(0, 7) == "http://"; })) {
      return malformed(where, "an address with http:// needs a 'sha256'");
    }
    file.sources.push_back(std::move(parts));
  }
  return file;
}

bool is_model_name(std::string_view name) {
  return !name.empty() && name.size() <= 100 && name.front() != '.' && name.front() != '-' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
         });
}

Result<CatalogueEntry> read_model(const Json& json) {
  CINESCRIBE_TRY(check_keys(json, "a model",
                            {"name", "task", "family", "description", "licence", "licence_note", "languages", "home",
                             "is_default", "default_rank", "is_imported", "about_bytes", "files"}));
  CatalogueEntry entry;
  CINESCRIBE_ASSIGN(entry.name, get_text(json, "name", "a model", true));
  if (!is_model_name(entry.name)) {
    return malformed("model '" + entry.name + "'", "a name consists of a-z, 0-9, '-', '.' and '_'");
  }
  const std::string where = "model '" + entry.name + "'";
  CINESCRIBE_ASSIGN(entry.task, get_text(json, "task", where, true));
  CINESCRIBE_ASSIGN(entry.family, get_text(json, "family", where, true));
  CINESCRIBE_ASSIGN(entry.licence, get_text(json, "licence", where, true));
  CINESCRIBE_ASSIGN(entry.description, get_text(json, "description", where, false));
  CINESCRIBE_ASSIGN(entry.licence_note, get_text(json, "licence_note", where, false));
  CINESCRIBE_ASSIGN(entry.languages, get_text(json, "languages", where, false));
  CINESCRIBE_ASSIGN(entry.home, get_text(json, "home", where, false));
  CINESCRIBE_ASSIGN(entry.is_default, get_flag(json, "is_default", where));
  CINESCRIBE_ASSIGN(entry.is_imported, get_flag(json, "is_imported", where));
  if (const auto bytes = json.find("about_bytes"); bytes != json.end()) {
    if (!bytes->is_number_unsigned()) return malformed(where, "'about_bytes' must be a number of bytes");
    entry.about_bytes = bytes->get<std::uint64_t>();
  }
  if (const auto rank = json.find("default_rank"); rank != json.end()) {
    if (!rank->is_number_unsigned() || *rank < 1 || *rank > 1000) {
      return malformed(where, "'default_rank' must be a number from 1 to 1000");
    }
    entry.default_rank = rank->get<int>();
  }
  const auto files = json.find("files");
  if (files == json.end() || !files->is_array() || files->empty()) {
    return malformed(where, "'files' must be a list with at least one file");
  }
  std::set<std::string> paths;
  for (const Json& item : *files) {
    CINESCRIBE_ASSIGN(CatalogueFile file, read_model_file(item, where));
    if (!paths.insert(file.path).second) return malformed(where, "the file '" + file.path + "' is there twice");
    entry.files.push_back(std::move(file));
  }
  return entry;
}

Result<CataloguePackage> read_package(const std::string& key, const Json& json) {
  const std::string where = "package '" + key + "'";
  CINESCRIBE_TRY(check_keys(json, where, {"file", "size", "sha256"}));
  CataloguePackage package;
  CINESCRIBE_ASSIGN(package.file, get_text(json, "file", where, true));
  CINESCRIBE_ASSIGN(package.sha256, get_sha256(json, where, true));
  const auto size = json.find("size");
  if (size == json.end() || !size->is_number_unsigned()) return malformed(where, "'size' must be a number of bytes");
  package.size = size->get<std::uint64_t>();
  if (!is_safe_relative_path(package.file) || package.file.find('/') != std::string::npos) {
    return malformed(where, "'file' must be the plain name of an archive");
  }
  return package;
}

}  // namespace

Result<Catalogue> Catalogue::parse(std::string_view text, const std::filesystem::path& origin) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return Error{ErrorCode::kModel, "it is not valid JSON"};
  CINESCRIBE_TRY(check_keys(json, "the catalogue", {"schema_version", "packages", "models"}));
  if (const auto version = json.find("schema_version"); version == json.end() || *version != 1) {
    return malformed("the catalogue", "'schema_version' must be 1");
  }
  Catalogue catalogue;
  if (const auto packages = json.find("packages"); packages != json.end()) {
    if (!packages->is_object()) return malformed("the catalogue", "'packages' must be an object");
    for (const auto& item : packages->items()) {
      CINESCRIBE_ASSIGN(catalogue.packages_[item.key()], read_package(item.key(), item.value()));
    }
  }
  const auto models = json.find("models");
  if (models == json.end() || !models->is_array()) return malformed("the catalogue", "'models' must be a list");
  for (const Json& item : *models) {
    CINESCRIBE_ASSIGN(CatalogueEntry entry, read_model(item));
    entry.origin = origin;
    if (catalogue.find(entry.name) != nullptr) return malformed("model '" + entry.name + "'", "it is there twice");
    catalogue.entries_.push_back(std::move(entry));
  }
  return catalogue;
}

}  // namespace cinescribe::models
