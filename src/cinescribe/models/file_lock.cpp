#include "cinescribe/models/file_lock.h"

#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "cinescribe/core/file.h"

namespace cinescribe::models {

namespace {
constexpr std::chrono::milliseconds kBetweenTries{50};
}

Result<FileLock> FileLock::acquire(const std::filesystem::path& path, const std::stop_token& stop,
                                   const std::function<void()>& on_wait) {
  if (path.has_parent_path()) CINESCRIBE_TRY(create_folder(path.parent_path()));
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) {
    return Error{ErrorCode::kResource, "cannot write " + path.string() + ": " + std::generic_category().message(errno) +
                                           "; set CINESCRIBE_CACHE to a folder of your own"};
  }
  FileLock lock(fd);
  for (bool is_first = true; ::flock(fd, LOCK_EX | LOCK_NB) != 0; is_first = false) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return Error{ErrorCode::kResource, "cannot lock " + path.string() + ": " +
                                             std::generic_category().message(errno) +
                                             "; set CINESCRIBE_CACHE to a folder on a local disk"};
    }
    if (is_first && on_wait) on_wait();
    if (stop.stop_requested()) return Error{ErrorCode::kInterrupted, "stopped while waiting for " + path.string()};
    std::this_thread::sleep_for(kBetweenTries);
  }
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace cinescribe::models
