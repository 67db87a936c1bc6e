#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "cinescribe/core/status.h"

namespace cinescribe {

/// A file written piece by piece that appears under its name whole or not at all.
///
/// Pieces go to a hidden sibling; `commit()` syncs it and renames it into place. Without a commit nothing is left.
/// Not thread-safe.
class AtomicFile {
 public:
  /// Creates the sibling, and missing parent folders. Errors: kResource.
  static Result<AtomicFile> create(const std::filesystem::path& path);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  /// Appends. Errors: kResource (no space, quota), naming the final path.
  Status write(std::string_view bytes);
  /// Makes the file visible under its name, replacing an older one. Call once, last. Errors: kResource.
  Status commit();

 private:
  AtomicFile(std::filesystem::path path, std::filesystem::path temporary, int fd);
  Status flush();

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  std::string buffer_;
  int fd_ = -1;
};

/// Removes what killed processes left of `path`: its hidden siblings whose process is gone. What cannot be removed
/// stays.
void remove_abandoned_parts(const std::filesystem::path& path);

}  // namespace cinescribe
