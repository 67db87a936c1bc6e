#include "cinescribe/tensor/atomic_output.h"

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cinescribe/core/file.h"

namespace cinescribe::tensor {

namespace {

Error write_error(const std::filesystem::path& path, int code) {
  std::string hint;
  if (code == ENOSPC || code == EDQUOT) hint = "; free some space and run the same command again";
  if (code == EACCES || code == EROFS || code == EPERM) hint = "; choose another folder or change its permissions";
  return {ErrorCode::kResource, "cannot write " + path.string() + ": " + std::generic_category().message(code) + hint};
}

bool is_same_file(int fd, const std::filesystem::path& path) {
  struct stat opened = {};
  struct stat named = {};
  return ::fstat(fd, &opened) == 0 && ::stat(path.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
         opened.st_ino == named.st_ino;
}

void wait_a_little(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, std::chrono::milliseconds(50), [] { return false; });
}

}  // namespace

Result<AtomicOutput> AtomicOutput::create(const std::filesystem::path& path, const std::stop_token& stop) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  CINESCRIBE_TRY(create_folder(folder));
  const std::filesystem::path part = folder / ("." + path.filename().string() + ".part");
  while (!stop.stop_requested()) {
    const int fd = ::open(part.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0) return write_error(part, errno);
    AtomicOutput output(path, part, fd);
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) {
      // The one before us may have renamed or removed the file that we opened.
      if (!is_same_file(fd, part)) {
        output.part_.clear();
        continue;
      }
      if (::ftruncate(fd, 0) != 0) return write_error(part, errno);
      return output;
    }
    const int code = errno;
    output.part_.clear();  // It is another writer's.
    if (code != EWOULDBLOCK && code != EINTR) return write_error(part, code);
    wait_a_little(stop);
  }
  return Error{ErrorCode::kInterrupted, "stopped while waiting for another process that writes " + path.string()};
}

AtomicOutput::~AtomicOutput() {
  if (fd_ < 0) return;
  if (!part_.empty()) ::unlink(part_.c_str());
  ::close(fd_);
}

Status AtomicOutput::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
    if (count < 0) {
      if (errno == EINTR) continue;
      return write_error(path_, errno);
    }
    written_ += static_cast<std::uint64_t>(count);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Status AtomicOutput::commit() {
  if (::fsync(fd_) != 0) return write_error(path_, errno);
  if (::rename(part_.c_str(), path_.c_str()) != 0) return write_error(path_, errno);
  part_.clear();
  const int closed = ::close(std::exchange(fd_, -1));
  if (closed != 0) return write_error(path_, errno);
  const std::filesystem::path folder = path_.has_parent_path() ? path_.parent_path() : std::filesystem::path(".");
  const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory >= 0) {
    ::fsync(directory);
    ::close(directory);
  }
  return {};
}

}  // namespace cinescribe::tensor
