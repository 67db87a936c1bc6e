#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "cinescribe/core/status.h"

/// The file a download grows in; private to this room.
namespace cinescribe::http {

/// An unfinished download on disk, with the ETag it was begun under beside it. Not thread-safe.
class PartFile {
 public:
  /// Opens or creates the file; its length is where a download may continue. Errors: kResource.
  static Result<PartFile> open(const std::filesystem::path& path);

  PartFile(PartFile&& other) noexcept;
  PartFile& operator=(PartFile&&) = delete;
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;
  ~PartFile();

  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// "" when the server gave none.
  [[nodiscard]] const std::string& etag() const { return etag_; }

  /// Forgets the bytes so far and begins again under `etag`. Errors: kResource.
  Status restart(const std::string& etag);
  /// Errors: kResource (no space, no permission).
  Status append(std::string_view bytes);
  /// Flushes to the disk and removes the ETag's file. Errors: kResource.
  Status finish();

 private:
  PartFile(std::filesystem::path path, int fd) : path_(std::move(path)), fd_(fd) {}

  std::filesystem::path path_;
  int fd_;
  std::uint64_t size_ = 0;
  std::string etag_;
};

}  // namespace cinescribe::http
