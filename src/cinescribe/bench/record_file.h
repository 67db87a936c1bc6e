#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "cinescribe/bench/raw_record.h"
#include "cinescribe/core/status.h"

namespace cinescribe::bench {

/// Name of the file of raw measurements in the folder of a bench.
inline constexpr const char* kRecordFileName = "measurements.jsonl";

/// Appends records to a file; what others wrote stays. Thread-safe.
class RecordFile {
 public:
  /// Creates the file and missing parent folders. A last line that was cut short stays and is ended. Errors: kResource.
  static Result<RecordFile> open(const std::filesystem::path& path);
  RecordFile(RecordFile&& other) noexcept;
  RecordFile& operator=(RecordFile&&) = delete;
  RecordFile(const RecordFile&) = delete;
  RecordFile& operator=(const RecordFile&) = delete;
  ~RecordFile();

  /// One line. Errors: kResource.
  Status append(const RawRecord& record);
  /// What was appended is on the disk when it returns. Errors: kResource.
  Status sync();

 private:
  RecordFile(std::filesystem::path path, int fd) : path_(std::move(path)), fd_(fd) {}

  std::filesystem::path path_;
  std::mutex mutex_;
  int fd_ = -1;
};

/// What a file held besides good records.
struct ReadingReport {
  std::int64_t lines = 0;
  std::int64_t records = 0;
  std::int64_t unknown_kinds = 0;  ///< Good lines of kinds that are not known here.
  std::int64_t bad_lines = 0;
  std::vector<std::string> problems;  ///< The first few bad lines: "line 12: no JSON object".
};

/// Receives records in their order. A failure ends the reading and comes back from it.
using RecordSink = std::function<Status(RawRecord&&)>;

/// Reads a file that may come from anywhere, line by line; memory does not grow with its length, lines beyond 1 MiB are
/// bad ones. Bad lines are told and skipped, even where all are bad. Errors: kInput (missing, unreadable), or the
/// sink's.
Result<ReadingReport> read_records(const std::filesystem::path& path, const RecordSink& sink);

}  // namespace cinescribe::bench
