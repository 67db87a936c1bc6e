#pragma once

#include <filesystem>
#include <utility>

#include "cinescribe/core/status.h"

namespace cinescribe::models {

/// A folder that appears under its name whole or not at all.
///
/// Files are written into a hidden sibling that is locked meanwhile; `commit()` renames it. Whatever an interrupted run
/// left behind is removed by the next. Not thread-safe.
class AtomicFolder {
 public:
  /// Errors: kResource (cannot be written, or another process is writing the same folder).
  static Result<AtomicFolder> create(const std::filesystem::path& path);
  AtomicFolder(AtomicFolder&& other) noexcept
      : path_(std::move(other.path_)), part_(std::move(other.part_)), fd_(std::exchange(other.fd_, -1)) {}
  AtomicFolder& operator=(AtomicFolder&&) = delete;
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;
  /// Removes what was written, unless it was committed.
  ~AtomicFolder();

  /// Where to write.
  [[nodiscard]] const std::filesystem::path& part() const { return part_; }
  /// Replaces what is under the name, which is removed. Errors: kResource.
  Status commit();

 private:
  AtomicFolder(std::filesystem::path path, std::filesystem::path part, int fd)
      : path_(std::move(path)), part_(std::move(part)), fd_(fd) {}

  std::filesystem::path path_;
  std::filesystem::path part_;
  int fd_ = -1;
};

}  // namespace cinescribe::models
