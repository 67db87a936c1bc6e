#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <utility>

#include "cinescribe/core/status.h"

namespace cinescribe::tensor {

/// A whole file as read-only memory, paged in as it is read. Movable; the bytes live as long as the object.
/// The file must not be shortened meanwhile (the pages would vanish): model files are replaced by renaming.
class MappedFile {
 public:
  /// Errors: kInput (missing, not a regular file, unreadable), kResource (cannot map).
  static Result<MappedFile> open(const std::filesystem::path& path);

  MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  MappedFile& operator=(MappedFile&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  /// Tells the system that `part` of a mapped file will not be read again soon: its pages may leave memory.
  static void release(std::span<const std::byte> part);

  /// Empty for an empty file.
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

 private:
  explicit MappedFile(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::span<const std::byte> bytes_;
};

}  // namespace cinescribe::tensor
