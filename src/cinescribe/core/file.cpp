#include "cinescribe/core/file.h"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cinescribe {

namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

Error write_error(const std::filesystem::path& path, int code) {
  std::string hint;
  if (code == ENOSPC || code == EDQUOT) hint = "; free some space and run the same command again";
  if (code == EACCES || code == EROFS || code == EPERM) hint = "; choose another folder or change its permissions";
  return {ErrorCode::kResource, "cannot write " + path.string() + ": " + std::generic_category().message(code) + hint};
}

Status write_all(int fd, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return write_error(path, errno);
    }
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Status create_folder(const std::filesystem::path& path) {
  std::error_code code;
  std::filesystem::create_directories(path, code);
  if (code) {
    return Error{ErrorCode::kResource, "cannot create the folder " + path.string() + ": " + code.message() +
                                           "; choose another folder or change its permissions"};
  }
  return {};
}

Status write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  static std::atomic<unsigned> serial{0};
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  CINESCRIBE_TRY(create_folder(folder));
  const std::filesystem::path temporary = folder / ("." + path.filename().string() + "." + std::to_string(::getpid()) +
                                                    "." + std::to_string(serial++) + ".tmp");
  FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (file.get() < 0) return write_error(path, errno);
  Status status = write_all(file.get(), content, path);
  if (status.ok() && ::fsync(file.get()) != 0) status = write_error(path, errno);
  if (status.ok() && ::close(file.release()) != 0) status = write_error(path, errno);
  if (status.ok() && ::rename(temporary.c_str(), path.c_str()) != 0) status = write_error(path, errno);
  if (!status.ok()) {
    ::unlink(temporary.c_str());
    return status;
  }
  const FileDescriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() >= 0) ::fsync(directory.get());
  return {};
}

Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  std::error_code code;
  if (!std::filesystem::is_regular_file(path, code)) {
    return Error{ErrorCode::kInput,
                 "cannot read " + path.string() + ": " + (code ? code.message() : "not a regular file")};
  }
  const auto size = std::filesystem::file_size(path, code);
  if (code) return Error{ErrorCode::kInput, "cannot read " + path.string() + ": " + code.message()};
  if (size > max_bytes) {
    return Error{ErrorCode::kInput, "cannot read " + path.string() + ": " + std::to_string(size) + " bytes, at most " +
                                        std::to_string(max_bytes) + " are accepted here"};
  }
  std::ifstream stream(path, std::ios::binary);
  std::string content(size, '\0');
  stream.read(content.data(), static_cast<std::streamsize>(size));
  if (!stream || stream.gcount() != static_cast<std::streamsize>(size)) {
    return Error{ErrorCode::kInput, "cannot read " + path.string() + ": the file ended early"};
  }
  return content;
}

}  // namespace cinescribe
