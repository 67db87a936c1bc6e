#include "cinescribe/core/atomic_file.h"

#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstddef>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "cinescribe/core/file.h"

namespace cinescribe {

namespace {

constexpr std::size_t kBufferBytes = 1 << 16;

/// ".<name>.": then follow the number of the process, a serial number, and ".part".
std::string start_of_parts(const std::filesystem::path& path) { return "." + path.filename().string() + "."; }

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

}  // namespace

Result<AtomicFile> AtomicFile::create(const std::filesystem::path& path) {
  static std::atomic<unsigned> serial{0};
  const std::filesystem::path folder = folder_of(path);
  CINESCRIBE_TRY(create_folder(folder));
  std::filesystem::path temporary =
      folder / (start_of_parts(path) + std::to_string(::getpid()) + "." + std::to_string(serial++) + ".part");
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return cannot_write(path, errno);
  return AtomicFile(path, std::move(temporary), fd);
}

AtomicFile::AtomicFile(std::filesystem::path path, std::filesystem::path temporary, int fd)
    : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      buffer_(std::move(other.buffer_)),
      fd_(std::exchange(other.fd_, -1)) {}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Status AtomicFile::write(std::string_view bytes) {
  buffer_.append(bytes);
  return buffer_.size() < kBufferBytes ? Status() : flush();
}

Status AtomicFile::flush() {
  CINESCRIBE_TRY(write_all(fd_, buffer_, path_));
  buffer_.clear();
  return {};
}

Status AtomicFile::commit() {
  CINESCRIBE_TRY(flush());
  if (::fsync(fd_) != 0) return cannot_write(path_, errno);
  if (::close(std::exchange(fd_, -1)) != 0) return cannot_write(path_, errno);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) return cannot_write(path_, errno);
  temporary_.clear();
  sync_folder_of(path_);
  return {};
}

void remove_abandoned_parts(const std::filesystem::path& path) {
  const std::string start = start_of_parts(path);
  std::error_code code;
  for (std::filesystem::directory_iterator entry(folder_of(path), code), end; !code && entry != end;
       entry.increment(code)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(start) || !name.ends_with(".part")) continue;
    pid_t process = 0;
    const auto number = std::from_chars(name.data() + start.size(), name.data() + name.size(), process);
    const bool is_gone = number.ec == std::errc() && process > 0 && ::kill(process, 0) != 0 && errno == ESRCH;
    std::error_code ignored;
    if (is_gone) std::filesystem::remove(entry->path(), ignored);
  }
}

}  // namespace cinescribe
