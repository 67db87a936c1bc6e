#include "cinescribe/pipeline/journal.h"

#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "cinescribe/core/file.h"

namespace cinescribe::pipeline {

namespace {

Error write_error(const std::filesystem::path& path, int code) {
  std::string hint;
  if (code == ENOSPC || code == EDQUOT || code == EFBIG) hint = "; free some space and run the same command again";
  if (code == EACCES || code == EROFS || code == EPERM)
    hint = "; choose another folder with -o or change its permissions";
  return {ErrorCode::kResource, "cannot write " + path.string() + ": " + std::generic_category().message(code) + hint};
}

/// Length of the run of good lines at the start of the file.
std::uint64_t good_bytes(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::uint64_t good = 0;
  for (std::string line; std::getline(stream, line);) {
    if (stream.eof() || !parse_journal_line(line)) break;  // the end of the last line is missing, or it was changed
    good += line.size() + 1;
  }
  return good;
}

}  // namespace

Result<Journal> Journal::open(const std::filesystem::path& path) {
  if (path.has_parent_path()) CINESCRIBE_TRY(create_folder(path.parent_path()));
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return write_error(path, errno);
  Journal journal(path, fd);
  const off_t size = ::lseek(fd, 0, SEEK_END);
  if (size < 0) return write_error(path, errno);
  journal.size_bytes_ = good_bytes(path);
  journal.torn_bytes_ = static_cast<std::uint64_t>(size) - journal.size_bytes_;
  if (journal.torn_bytes_ > 0 && ::ftruncate(fd, static_cast<off_t>(journal.size_bytes_)) != 0) {
    return write_error(path, errno);
  }
  return journal;
}

Journal::Journal(Journal&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      size_bytes_(other.size_bytes_),
      torn_bytes_(other.torn_bytes_),
      quota_(other.quota_) {}

Journal::~Journal() {
  if (fd_ >= 0) ::close(fd_);
}

Status Journal::clear() {
  const std::lock_guard lock(mutex_);
  if (::ftruncate(fd_, 0) != 0 || ::fsync(fd_) != 0) return write_error(path_, errno);
  size_bytes_ = 0;
  return {};
}

Status Journal::append(const JournalRecord& record) {
  const std::string line = journal_line(record);
  const std::lock_guard lock(mutex_);
  if (quota_ != nullptr) CINESCRIBE_TRY(quota_->take(line.size()));
  std::string_view rest = line;
  int code = 0;
  while (!rest.empty() && code == 0) {
    const ssize_t written = ::write(fd_, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      code = errno;
    }
  }
  if (code == 0 && ::fdatasync(fd_) != 0) code = errno;
  if (code != 0) {
    // Best effort: a line that stays torn is cut off at the next opening.
    if (::ftruncate(fd_, static_cast<off_t>(size_bytes_)) != 0) return write_error(path_, code);
    return write_error(path_, code);
  }
  size_bytes_ += line.size();
  return {};
}

}  // namespace cinescribe::pipeline
