#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/pipeline/disk_quota.h"

namespace cinescribe::pipeline {

/// Sound that waits, first in first out. What does not fit into memory waits in a file without a name, which goes with
/// the process. Not thread-safe.
class SampleBacklog {
 public:
  /// Four minutes of 16 kHz: 15 MB.
  static constexpr std::size_t kMemorySamples = 240 * 16000;

  /// A quota must outlive this; null: no limit.
  explicit SampleBacklog(std::filesystem::path folder, std::size_t memory_samples = kMemorySamples,
                         DiskQuota* quota = nullptr)
      : folder_(std::move(folder)), memory_samples_(memory_samples), quota_(quota) {}
  SampleBacklog(const SampleBacklog&) = delete;
  SampleBacklog& operator=(const SampleBacklog&) = delete;
  ~SampleBacklog() { close(); }

  [[nodiscard]] std::size_t size() const { return waiting_.size() + filed_; }
  /// Errors: kResource (the folder's disk).
  Status push(std::span<const float> samples);
  /// Moves the first `count` samples, or all where there are fewer, to the end of `out`. Errors: kResource.
  Status take(std::size_t count, std::vector<float>& out);

 private:
  struct FileCloser {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  Status file_away(std::span<const float> samples);
  Status fetch();
  void close();

  std::filesystem::path folder_;
  std::size_t memory_samples_;
  DiskQuota* quota_;
  std::deque<float> waiting_;  ///< Older than all in the file.
  std::unique_ptr<std::FILE, FileCloser> file_;
  std::size_t filed_ = 0;  ///< Samples in the file that were not fetched yet ...
  std::size_t first_ = 0;  ///< ... from this one on.
};

}  // namespace cinescribe::pipeline
