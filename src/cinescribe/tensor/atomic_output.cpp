#include "cinescribe/tensor/atomic_output.h"

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cinescribe/core/file.h"

namespace cinescribe::tensor {

namespace {

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
    if (fd < 0) return cannot_write(part, errno);
    AtomicOutput output(path, part, fd);
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) {
      // The one before us may have renamed or removed the file that we opened.
      if (!is_same_file(fd, part)) {
        output.part_.clear();
        continue;
      }
      if (::ftruncate(fd, 0) != 0) return cannot_write(part, errno);
      return output;
    }
    const int code = errno;
    output.part_.clear();  // It is another writer's.
    if (code != EWOULDBLOCK && code != EINTR) return cannot_write(part, code);
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
  CINESCRIBE_TRY(write_all(fd_, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path_));
  written_ += bytes.size();
  return {};
}

Status AtomicOutput::commit() {
  if (::fsync(fd_) != 0) return cannot_write(path_, errno);
  if (::rename(part_.c_str(), path_.c_str()) != 0) return cannot_write(path_, errno);
  part_.clear();
  const int closed = ::close(std::exchange(fd_, -1));
  if (closed != 0) return cannot_write(path_, errno);
  sync_folder_of(path_);
  return {};
}

}  // namespace cinescribe::tensor
