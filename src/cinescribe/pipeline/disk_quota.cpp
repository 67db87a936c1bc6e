#include "cinescribe/pipeline/disk_quota.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

namespace cinescribe::pipeline {

namespace {

namespace fs = std::filesystem;

/// The disk is asked at least once per so many bytes.
constexpr std::uint64_t kCheckEvery = 4 << 20;

std::string size_text(std::uint64_t bytes) {
  std::array<char, 32> text{};
  const auto value = static_cast<double>(bytes);
  if (bytes >= 1U << 30U) {
    std::snprintf(text.data(), text.size(), "%.1f GiB", value / (1U << 30U));
  } else if (bytes >= 1U << 20U) {
    std::snprintf(text.data(), text.size(), "%.1f MiB", value / (1U << 20U));
  } else {
    std::snprintf(text.data(), text.size(), "%.1f KiB", value / (1U << 10U));
  }
  return text.data();
}

Error too_much(const fs::path& folder, const char* what, const char* flag, std::uint64_t limit) {
  return {ErrorCode::kResource, "the folder " + folder.string() + " would hold more than the " + size_text(limit) +
                                    " of " + what + " that " + flag + " allows; raise it or remove old results"};
}

}  // namespace

std::uint64_t bytes_below(const fs::path& folder) {
  std::uint64_t sum = 0;
  std::error_code code;
  auto entry = fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, code);
  for (; !code && entry != fs::recursive_directory_iterator(); entry.increment(code)) {
    std::error_code ignored;
    if (!entry->is_regular_file(ignored) || entry->is_symlink(ignored)) continue;
    const std::uint64_t size = entry->file_size(ignored);
    if (!ignored) sum += size;
  }
  return sum;
}

Result<std::unique_ptr<DiskQuota>> DiskQuota::open(fs::path folder, const DiskLimits& limits) {
  std::unique_ptr<DiskQuota> quota(new DiskQuota(std::move(folder), limits));
  if (limits.max_bytes > 0) quota->used_ = bytes_below(quota->folder_);
  CINESCRIBE_TRY(quota->take(0));
  return quota;
}

Status DiskQuota::take(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (limits_.max_bytes > 0 && used_ + bytes > limits_.max_bytes) {
    return too_much(folder_, "results", "--max-disk", limits_.max_bytes);
  }
  CINESCRIBE_TRY(check_free(bytes));
  used_ += bytes;
  return {};
}

Status DiskQuota::check_free(std::uint64_t bytes) {
  if (limits_.min_free_bytes == 0) return {};
  unchecked_ += bytes;
  if (unchecked_ < kCheckEvery) return {};
  std::error_code code;
  const fs::space_info space = fs::space(folder_, code);
  if (!code && space.available < limits_.min_free_bytes + bytes) {
    return Error{ErrorCode::kResource, "the disk of " + folder_.string() + " has " + size_text(space.available) +
                                           " free, and --min-free keeps " + size_text(limits_.min_free_bytes) +
                                           "; free some space or choose another folder with -o"};
  }
  unchecked_ = 0;
  return {};
}

void DiskQuota::give_back(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  used_ -= std::min(used_, bytes);
}

Status DiskQuota::take_temp(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (limits_.max_temp_bytes > 0 && temp_ + bytes > limits_.max_temp_bytes) {
    return too_much(folder_, "waiting sound", "--max-temp", limits_.max_temp_bytes);
  }
  CINESCRIBE_TRY(check_free(bytes));
  temp_ += bytes;
  return {};
}

void DiskQuota::give_back_temp(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  temp_ -= std::min(temp_, bytes);
}

}  // namespace cinescribe::pipeline
