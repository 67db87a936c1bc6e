#include "cinescribe/bench/record_file.h"

#include <array>
#include <cerrno>
#include <fstream>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "cinescribe/bench/raw_record_json.h"
#include "cinescribe/core/file.h"

namespace cinescribe::bench {

namespace {

constexpr std::size_t kLongestLine = std::size_t{1} << 20;
constexpr std::size_t kProblemsTold = 10;

/// Cuts a stream into lines; of a line that is too long only the start is kept.
class Lines {
 public:
  explicit Lines(std::ifstream& stream) : stream_(stream) {}

  /// False at the end. `line` is without its line end.
  bool next(std::string& line, bool& is_too_long) {
    line.clear();
    is_too_long = false;
    while (true) {
      if (begin_ == end_ && !fill()) return !line.empty();
      const std::string_view rest(buffer_.data() + begin_, end_ - begin_);
      const std::size_t length = std::min(rest.find('\n'), rest.size());
      const std::size_t kept = std::min(length, kLongestLine - line.size());
      line.append(rest.substr(0, kept));
      is_too_long = is_too_long || kept < length;
      begin_ += length;
      if (begin_ < end_) {
        ++begin_;  // the line end
        return true;
      }
    }
  }

 private:
  bool fill() {
    stream_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    begin_ = 0;
    end_ = static_cast<std::size_t>(stream_.gcount());
    return end_ > 0;
  }

  std::ifstream& stream_;
  std::array<char, 1 << 16> buffer_{};
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace

Result<RecordFile> RecordFile::open(const std::filesystem::path& path) {
  if (path.has_parent_path()) CINESCRIBE_TRY(create_folder(path.parent_path()));
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return cannot_write(path, errno);
  RecordFile file(path, fd);
  const off_t size = ::lseek(fd, 0, SEEK_END);
  char last = '\n';
  if (size > 0 && ::pread(fd, &last, 1, size - 1) == 1 && last != '\n') CINESCRIBE_TRY(write_all(fd, "\n", path));
  return file;
}

RecordFile::RecordFile(RecordFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

RecordFile::~RecordFile() {
  if (fd_ >= 0) ::close(fd_);
}

Status RecordFile::append(const RawRecord& record) {
  const std::string line = record_json(record) + "\n";
  const std::lock_guard lock(mutex_);
  return write_all(fd_, line, path_);
}

Status RecordFile::sync() {
  const std::lock_guard lock(mutex_);
  if (::fsync(fd_) != 0) return cannot_write(path_, errno);
  return {};
}

Result<ReadingReport> read_records(const std::filesystem::path& path, const RecordSink& sink) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream || std::filesystem::is_directory(path)) {
    return Error{ErrorCode::kInput, "cannot read " + path.string() +
                                        ": it is missing or unreadable; cinescribe bench VIDEO -o FOLDER measures"};
  }
  ReadingReport report;
  Lines lines(stream);
  std::string line;
  for (bool is_too_long = false; lines.next(line, is_too_long);) {
    ++report.lines;
    if (line.empty()) continue;
    auto record = is_too_long ? Result<std::optional<RawRecord>>(Error{ErrorCode::kInput, "longer than 1 MiB"})
                              : record_from_json(line);
    if (!record.ok()) {
      ++report.bad_lines;
      if (report.problems.size() < kProblemsTold) {
        report.problems.push_back("line " + std::to_string(report.lines) + ": " + record.error().message);
      }
    } else if (!*record) {
      ++report.unknown_kinds;
    } else {
      ++report.records;
      CINESCRIBE_TRY(sink(std::move(**record)));
    }
  }
  return report;
}

}  // namespace cinescribe::bench
