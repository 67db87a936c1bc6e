#include "cinescribe/models/installer.h"

#include <optional>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "cinescribe/core/file.h"
#include "cinescribe/models/cache.h"
#include "cinescribe/models/checkpoint_shards.h"
#include "cinescribe/models/file_lock.h"
#include "cinescribe/models/installed_model.h"
#include "cinescribe/models/pins.h"
#include "cinescribe/models/sha256.h"

namespace cinescribe::models {

namespace fs = std::filesystem;

namespace {

/// Brings one model into its staging folder, then in place. Lives while the model's lock is held.
class Installation {
 public:
  Installation(const CatalogueEntry& entry, const PullOptions& options, Fetcher& fetcher)
      : entry_(entry), options_(options), fetcher_(fetcher), staging_(staging_folder(entry.name)) {}

  Result<PullOutcome> run() {
    CINESCRIBE_ASSIGN(pins_, read_pins(entry_.name));
    CINESCRIBE_TRY(create_folder(staging_));
    InstalledModel model{entry_.name, entry_.family, entry_.licence, {}, false};
    CINESCRIBE_TRY(bring_all(entry_.files, model));
    if (entry_.is_imported) {
      CINESCRIBE_ASSIGN(const auto shards, find_shards(entry_, staging_));
      CINESCRIBE_TRY(bring_all(shards, model));
    }
    if (!outcome_.unpinned.empty()) CINESCRIBE_TRY(write_pins(entry_.name, pins_));
    outcome_.folder = installed_folder(entry_.name);
    if (entry_.is_imported) {
      CINESCRIBE_TRY(import());
    } else {
      CINESCRIBE_TRY(write_record(staging_, model));
      CINESCRIBE_TRY(put_in_place());
    }
    return std::move(outcome_);
  }

 private:
  [[nodiscard]] std::string wanted_sha256(const CatalogueFile& file) const {
    if (!file.sha256.empty()) return file.sha256;
    const auto pin = pins_.find(file.path);
    return pin == pins_.end() ? "" : pin->second;
  }

  /// The file's checksum if it is what is wanted; an Error (kModel) if not.
  Result<InstalledFile> check(const CatalogueFile& file, const fs::path& path, const std::string& source) {
    std::error_code code;
    const std::uint64_t size = fs::file_size(path, code);
    if (code) return Error{ErrorCode::kResource, "cannot read " + path.string() + ": " + code.message()};
    if (file.size && size != *file.size) {
      return Error{ErrorCode::kModel, std::to_string(size) + " bytes came, expected are " + std::to_string(*file.size)};
    }
    const auto report = [&](std::uint64_t done) {
      if (options_.on_progress) options_.on_progress({entry_.name, PullStep::kVerifying, file.path, done, size});
    };
    CINESCRIBE_ASSIGN(const std::string digest, sha256_of_file(path, options_.stop, report));
    const std::string wanted = wanted_sha256(file);
    if (!wanted.empty() && digest != wanted) {
      return Error{ErrorCode::kModel, "its checksum is " + digest + ", expected is " + wanted +
                                          (file.sha256.empty() ? " (recorded at the first fetch)" : "")};
    }
    return InstalledFile{file.path, size, digest, !file.sha256.empty(), source};
  }

  Status bring_all(const std::vector<CatalogueFile>& files, InstalledModel& model) {
    for (const CatalogueFile& file : files) {
      const std::size_t failed = outcome_.failed_sources.size();
      auto installed = bring(file);
      if (!installed.ok() && file.is_optional && installed.error().code != ErrorCode::kInterrupted) {
        outcome_.failed_sources.resize(failed);  // that upstream lacks it is nothing to talk about
        continue;
      }
      if (!installed.ok()) return installed.error();
      if (!installed->is_pinned && pins_[file.path] != installed->sha256) {
        pins_[file.path] = installed->sha256;
        outcome_.unpinned.push_back(file.path + " (SHA-256 " + installed->sha256 + ")");
      }
      model.files.push_back(*std::move(installed));
    }
    return {};
  }

  /// The checkpoint in the staging folder becomes the installed model; then it is not needed any more.
  Status import() {
    ImportOptions options;
    options.type = options_.type;
    options.vision_type = options_.vision_type;
    options.name = entry_.name;
    options.installed_as = entry_.name;
    options.source = entry_.home.empty() ? entry_.files.front().sources.front().front().text : entry_.home;
    options.licence = entry_.licence;
    options.is_forced = true;
    options.threads = options_.threads;
    options.stop = options_.stop;
    options.on_progress = [this](std::uint64_t done, std::uint64_t total) {
      if (options_.on_progress) options_.on_progress({entry_.name, PullStep::kImporting, "", done, total});
    };
    CINESCRIBE_TRY(create_folder(installed_folder(entry_.name).parent_path()));
    CINESCRIBE_ASSIGN(ImportReport report, import_checkpoint(staging_, installed_folder(entry_.name), options));
    outcome_.fallbacks = std::move(report.fallbacks);
    std::error_code ignored;
    fs::remove_all(staging_, ignored);
    return {};
  }

  /// What an earlier, interrupted run has already brought and checked.
  std::optional<InstalledFile> find_staged(const CatalogueFile& file, const fs::path& path) {
    std::error_code code;
    if (wanted_sha256(file).empty() || !fs::is_regular_file(path, code)) return std::nullopt;
    auto staged = check(file, path, file.sources.front().front().text);
    if (!staged.ok()) return std::nullopt;
    return *std::move(staged);
  }

  Result<InstalledFile> bring(const CatalogueFile& file) {
    const fs::path path = staging_ / file.path;
    CINESCRIBE_TRY(create_folder(path.parent_path()));
    if (auto staged = find_staged(file, path)) return *std::move(staged);
    std::string causes;
    ErrorCode worst = ErrorCode::kUsage;
    for (const SourceParts& parts : file.sources) {
      auto brought = try_source(file, parts, path);
      if (brought.ok()) return brought;
      const Error& error = brought.error();
      if (error.code == ErrorCode::kInterrupted) return error;
      const std::string cause = parts.front().text + ": " + error.message;
      outcome_.failed_sources.push_back(cause);
      causes += "\n  " + cause;
      // Wrong content weighs more than an unreachable source, that more than a forbidden one.
      if (error.code == ErrorCode::kModel || worst == ErrorCode::kUsage) worst = error.code;
    }
    // A file: source that is not there, or nothing but forbidden ones: the model is missing.
    if (worst == ErrorCode::kInput || worst == ErrorCode::kUsage) worst = ErrorCode::kModel;
    return Error{worst, "cannot get '" + file.path + "' of the model '" + entry_.name + "':" + causes +
                            "\n`cinescribe models show " + entry_.name +
                            "` lists its files and sources; they may also be put in place by hand (docs/models.md)"};
  }

  Result<InstalledFile> try_source(const CatalogueFile& file, const SourceParts& parts, const fs::path& path) {
    const fs::path part = path.string() + ".part";
    CINESCRIBE_TRY(fetcher_.fetch(parts, file, entry_.origin, part));
    std::string spelling;
    for (const Source& source : parts) spelling += (spelling.empty() ? "" : " + ") + source.text;
    auto checked = check(file, part, spelling);
    std::error_code code;
    if (!checked.ok()) {
      if (checked.error().code == ErrorCode::kModel) fs::remove(part, code);
      return checked;
    }
    fs::rename(part, path, code);
    if (code) return Error{ErrorCode::kResource, "cannot write " + path.string() + ": " + code.message()};
    return checked;
  }

  Status put_in_place() {
    const fs::path target = installed_folder(entry_.name);
    CINESCRIBE_TRY(create_folder(target.parent_path()));
    const fs::path old = staging_folder(entry_.name + ".replaced." + std::to_string(::getpid()));
    std::error_code code;
    if (fs::exists(target, code)) fs::rename(target, old, code);
    if (!code) fs::rename(staging_, target, code);
    if (code) {
      return Error{ErrorCode::kResource, "cannot install into " + target.string() + ": " + code.message() +
                                             "; check the permissions of the cache folder"};
    }
    sync_folder(target.parent_path());
    fs::remove_all(old, code);
    return {};
  }

  const CatalogueEntry& entry_;
  const PullOptions& options_;
  Fetcher& fetcher_;
  fs::path staging_;
  Pins pins_;
  PullOutcome outcome_;
};

}  // namespace

Installer::Installer(const Catalogue& catalogue, PullOptions options)
    : catalogue_(catalogue),
      options_(std::move(options)),
      fetcher_(catalogue, {options_.is_offline, options_.stop,
                           [this](const std::string& what, std::uint64_t done, std::uint64_t total) {
                             if (!options_.on_progress) return;
                             options_.on_progress({current_, PullStep::kFetching, what, done, total});
                           }}) {}

Result<PullOutcome> Installer::pull(std::string_view name) {
  CINESCRIBE_ASSIGN(const CatalogueEntry entry, catalogue_.get(name));
  current_ = entry.name;
  PullOutcome done;
  done.folder = installed_folder(entry.name);
  done.was_installed = true;
  if (!options_.is_forced && install_state(entry) == InstallState::kInstalled) return done;
  CINESCRIBE_TRY(check_cache_is_writable());
  const auto on_wait = [this, &entry] {
    if (options_.on_progress) options_.on_progress({entry.name, PullStep::kWaiting, "", 0, 0});
  };
  CINESCRIBE_ASSIGN(const FileLock lock, FileLock::acquire(lock_path(entry.name), options_.stop, on_wait));
  // The one we waited for may have brought it.
  if (!options_.is_forced && install_state(entry) == InstallState::kInstalled) return done;
  return Installation(entry, options_, fetcher_).run();
}

}  // namespace cinescribe::models
