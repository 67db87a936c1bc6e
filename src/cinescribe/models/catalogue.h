#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/models/source.h"

namespace cinescribe::models {

/// One way to get a file: its parts in order, nearly always a single one.
using SourceParts = std::vector<Source>;

/// A file of a model.
struct CatalogueFile {
  std::string path;                   ///< Below the model's folder, with forward slashes.
  std::optional<std::uint64_t> size;  ///< In bytes; nothing = not known.
  std::string sha256;                 ///< Lower-case hexadecimal; "" = upstream publishes none, see docs/models.md.
  std::vector<SourceParts> sources;   ///< To be tried in this order.
  bool is_optional = false;           ///< Upstream may not have it.
};

/// A model (or sample clip) that can be fetched.
struct CatalogueEntry {
  std::string name;
  std::string task;    ///< speech, voice-activity, sound-tags, objects, language, sample, …
  std::string family;  ///< Which of our engines reads it: whisper-ct2, silero, yamnet, centernet, yolox, llama, …
  std::string description;
  std::string licence;       ///< SPDX identifier, or "unstated".
  std::string licence_note;  ///< What there is to know about it; may be empty.
  std::string languages;     ///< "multilingual", a list of codes, or empty where it means nothing.
  std::string home;          ///< Web page; may be empty.
  bool is_default = false;   ///< `models pull --default` fetches it.
  bool is_imported =
      false;  ///< A Hugging Face checkpoint: fetched with the shards that its index names, then imported.
  std::uint64_t about_bytes = 0;  ///< What a fetch brings about, where the sizes of the files are not known.
  /// `models pull --default` fetches, of all entries of a task that have a rank, the first that can be had; 0 = none.
  int default_rank = 0;
  std::vector<CatalogueFile> files;
  std::filesystem::path origin;  ///< Folder of the catalogue file it stands in; empty for the built-in one.

  /// Sum of the known sizes, or `about_bytes`.
  [[nodiscard]] std::uint64_t total_bytes() const;
  /// The file that stands for the model (the first one).
  [[nodiscard]] const CatalogueFile& main_file() const { return files.front(); }
};

/// A registry package that holds files of models.
struct CataloguePackage {
  std::string file;  ///< Name of the archive as the registry's client saves it.
  std::uint64_t size = 0;
  std::string sha256;
};

/// All models that can be asked for by name. Immutable once loaded; thread-safe.
class Catalogue {
 public:
  /// The built-in catalogue, then `catalogue.json` of the user's configuration folder and of the cache folder, if they
  /// are there; a later entry replaces an earlier one of the same name. Errors: kModel (a malformed file, named).
  static Result<Catalogue> load();
  /// Reads one catalogue from JSON text; `origin` is the folder of its file. Errors: kModel.
  static Result<Catalogue> parse(std::string_view json, const std::filesystem::path& origin);

  /// Takes over the entries and packages of `other`, replacing those of the same name.
  void merge(Catalogue other);

  [[nodiscard]] const std::vector<CatalogueEntry>& entries() const { return entries_; }
  /// nullptr when there is none of this name.
  [[nodiscard]] const CatalogueEntry* find(std::string_view name) const;
  [[nodiscard]] const CataloguePackage* find_package(const std::string& key) const;
  /// The entry, or an error (kModel) that names the nearest known one.
  [[nodiscard]] Result<CatalogueEntry> get(std::string_view name) const;

 private:
  std::vector<CatalogueEntry> entries_;
  std::map<std::string, CataloguePackage> packages_;
};

}  // namespace cinescribe::models
