#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/http/client.h"

namespace cinescribe::http {

struct TransferProgress {
  std::uint64_t done_bytes = 0;   ///< Including what an earlier run had fetched.
  std::uint64_t total_bytes = 0;  ///< 0 = not known.
  double bytes_per_second = 0.0;  ///< Of this run, over the last few seconds.
};

struct Download {
  std::string url;
  std::vector<Header> headers;
  /// Where the bytes go. What an interrupted run left there is continued; the caller renames the file when it is whole.
  std::filesystem::path part_file;
  std::uint64_t max_bytes = 0;                 ///< A longer file is an error; 0 = no limit.
  std::optional<std::uint64_t> expected_size;  ///< A file of another length is an error.
  /// Continue a part file even if the server gave nothing to recognise the file by (no ETag). Only right if the caller
  /// checks a checksum afterwards.
  bool may_resume_unvalidated = false;
  Timeouts timeouts;
  RetryPolicy retry{.max_attempts = 6};
  /// Called from the calling thread, at most about ten times a second, and once at the end.
  std::function<void(const TransferProgress&)> on_progress;
};

/// Fetches a file to `part_file` with resumption: a broken connection continues where it broke, in this run or the
/// next. A file that changed on the server meanwhile (ETag) is fetched from its start. Beside the part file a small
/// `<part_file>.etag` is kept until the end. Returns the file's length.
/// Errors: kUsage (not an http or https address), kResource (no answer, refused, cannot write, too long or too short),
/// kInterrupted (the part file is kept). Thread-safe for different part files.
Result<std::uint64_t> download(const Download& what, const std::stop_token& stop);

}  // namespace cinescribe::http
