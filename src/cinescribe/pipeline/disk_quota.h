#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>

#include "cinescribe/core/status.h"

namespace cinescribe::pipeline {

/// What may be written. 0 = no limit.
struct DiskLimits {
  std::uint64_t max_bytes = 0;       ///< Most that the results folder may hold, earlier results included.
  std::uint64_t min_free_bytes = 0;  ///< What the disk must keep free.
  std::uint64_t max_temp_bytes = 0;  ///< Most that may wait in nameless files, all videos together.
};

/// Keeps account of the bytes below one folder. Whoever writes asks first. Thread-safe.
class DiskQuota {
 public:
  /// Measures the folder once (only where `max_bytes` is given). Errors: kResource when it holds too much already.
  static Result<std::unique_ptr<DiskQuota>> open(std::filesystem::path folder, const DiskLimits& limits);

  /// Room for `bytes` more. Errors: kResource; then nothing was taken.
  Status take(std::uint64_t bytes);
  /// `bytes` that were taken are not, or no longer, on the disk.
  void give_back(std::uint64_t bytes);
  /// The same for nameless files.
  Status take_temp(std::uint64_t bytes);
  void give_back_temp(std::uint64_t bytes);

 private:
  DiskQuota(std::filesystem::path folder, const DiskLimits& limits) : folder_(std::move(folder)), limits_(limits) {}
  Status check_free(std::uint64_t bytes);

  const std::filesystem::path folder_;
  const DiskLimits limits_;
  std::mutex mutex_;
  std::uint64_t used_ = 0;
  std::uint64_t temp_ = 0;
  std::uint64_t unchecked_ = UINT64_MAX / 2;  ///< Bytes taken since the disk was last asked.
};

/// Bytes of all regular files below a folder; those that vanish meanwhile do not count.
std::uint64_t bytes_below(const std::filesystem::path& folder);

}  // namespace cinescribe::pipeline
