#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "cinescribe/core/status.h"
#include "cinescribe/pipeline/disk_quota.h"

namespace cinescribe::pipeline {

/// One line of a journal: what kind of fact it is, the stage it belongs to (empty: the video itself), and the fact as
/// one JSON object without line breaks.
struct JournalRecord {
  std::string type;   ///< Lower-case letters and '_'.
  std::string stage;  ///< Likewise, or empty.
  std::string data = "{}";
};

/// The line as stored, with its end: `{"crc":"1a2b3c4d","type":"unit","stage":"speech","data":{…}}`. The CRC-32 covers
/// everything between it and the end of the line.
std::string journal_line(const JournalRecord& record);
/// Reads one line without its end; empty when it was torn or changed.
std::optional<JournalRecord> parse_journal_line(std::string_view line);

/// Appends facts to a journal (JSONL). Each record is on the disk when `append` returns; what a crash or a full disk
/// left behind half-written is recognised by its checksum and cut off at the next opening. Thread-safe.
class Journal {
 public:
  /// Opens for appending, or creates, the file; cuts off everything from the first bad line on.
  /// Errors: kResource (no permission, no space), naming the file.
  static Result<Journal> open(const std::filesystem::path& path);
  /// Empties the file: another video, or everything is to be done again.
  Status clear();
  /// Errors: kResource; the journal then stays as it was before the call.
  Status append(const JournalRecord& record);
  /// Appending asks the quota from now on; it must outlive the journal. Null: no limit.
  void set_quota(DiskQuota* quota) { quota_ = quota; }

  Journal(Journal&& other) noexcept;
  Journal& operator=(Journal&&) = delete;
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  ~Journal();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Of the good lines. Not while another thread appends.
  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }
  /// Bytes cut off by `open`.
  [[nodiscard]] std::uint64_t torn_bytes() const { return torn_bytes_; }

 private:
  Journal(std::filesystem::path path, int fd) : path_(std::move(path)), fd_(fd) {}

  std::filesystem::path path_;
  int fd_ = -1;
  std::uint64_t size_bytes_ = 0;
  std::uint64_t torn_bytes_ = 0;
  DiskQuota* quota_ = nullptr;
  std::mutex mutex_;
};

}  // namespace cinescribe::pipeline
