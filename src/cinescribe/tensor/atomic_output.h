#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <stop_token>
#include <utility>

#include "cinescribe/core/status.h"

namespace cinescribe::tensor {

/// A large file, written piece by piece, that appears under its name whole or not at all.
///
/// The bytes go to a hidden sibling that is locked meanwhile; `commit()` flushes it to disk and renames it. Whatever an
/// interrupted run left behind is overwritten by the next. Movable; not thread-safe.
class AtomicOutput {
 public:
  /// Creates missing folders. While another process or thread writes the same file this waits; the caller should then
  /// look whether the file is there already. Errors: kResource, kInterrupted.
  static Result<AtomicOutput> create(const std::filesystem::path& path, const std::stop_token& stop);

  AtomicOutput(AtomicOutput&& other) noexcept
      : path_(std::move(other.path_)), part_(std::move(other.part_)), fd_(std::exchange(other.fd_, -1)) {
    std::swap(written_, other.written_);
  }
  AtomicOutput(const AtomicOutput&) = delete;
  AtomicOutput& operator=(const AtomicOutput&) = delete;
  AtomicOutput& operator=(AtomicOutput&&) = delete;
  /// Removes what was written, unless it was committed.
  ~AtomicOutput();

  /// Errors: kResource.
  Status write(std::span<const std::byte> bytes);
  /// Nothing may be written afterwards. Errors: kResource.
  Status commit();

  [[nodiscard]] std::uint64_t written_bytes() const { return written_; }
  /// The hidden file, complete for readers up to `written_bytes()`.
  [[nodiscard]] const std::filesystem::path& part_path() const { return part_; }

 private:
  AtomicOutput(std::filesystem::path path, std::filesystem::path part, int fd)
      : path_(std::move(path)), part_(std::move(part)), fd_(fd) {}

  std::filesystem::path path_;
  std::filesystem::path part_;
  int fd_ = -1;
  std::uint64_t written_ = 0;
};

}  // namespace cinescribe::tensor
