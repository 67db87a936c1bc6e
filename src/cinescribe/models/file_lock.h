#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>

#include "cinescribe/core/status.h"

namespace cinescribe::models {

/// Keeps two processes (and two threads) from working on the same thing. The lock is the kernel's (flock), so it ends
/// with its process, however that ends; the empty file stays.
class FileLock {
 public:
  /// Waits until the lock is ours. `on_wait` is called once if somebody else holds it. Errors: kResource (the file
  /// cannot be made), kInterrupted.
  static Result<FileLock> acquire(const std::filesystem::path& path, const std::stop_token& stop,
                                  const std::function<void()>& on_wait = {});

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace cinescribe::models
