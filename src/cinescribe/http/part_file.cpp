#include "cinescribe/http/part_file.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "cinescribe/core/file.h"

namespace cinescribe::http {

namespace {

constexpr std::uint64_t kLongestEtag = 1024;

Error cannot_write(const std::filesystem::path& path, int code) {
  std::string hint;
  if (code == ENOSPC || code == EDQUOT) hint = "; free some space and run the same command again, it will continue";
  if (code == EACCES || code == EROFS || code == EPERM) hint = "; choose another folder or change its permissions";
  return {ErrorCode::kResource, "cannot write " + path.string() + ": " + std::generic_category().message(code) + hint};
}

std::filesystem::path etag_path(const std::filesystem::path& path) { return path.string() + ".etag"; }

}  // namespace

Result<PartFile> PartFile::open(const std::filesystem::path& path) {
  if (path.has_parent_path()) CINESCRIBE_TRY(create_folder(path.parent_path()));
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return cannot_write(path, errno);
  PartFile file(path, fd);
  const off_t end = ::lseek(fd, 0, SEEK_END);
  if (end < 0) return cannot_write(path, errno);
  file.size_ = static_cast<std::uint64_t>(end);
  if (auto etag = read_file(etag_path(path), kLongestEtag); etag.ok()) file.etag_ = *etag;
  return file;
}

PartFile::PartFile(PartFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      size_(other.size_),
      etag_(std::move(other.etag_)) {}

PartFile::~PartFile() {
  if (fd_ >= 0) ::close(fd_);
}

Status PartFile::restart(const std::string& etag) {
  if (::ftruncate(fd_, 0) != 0) return cannot_write(path_, errno);
  size_ = 0;
  etag_ = etag.size() <= kLongestEtag ? etag : "";
  if (!etag_.empty()) return write_file_atomically(etag_path(path_), etag_);
  ::unlink(etag_path(path_).c_str());
  return {};
}

Status PartFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return cannot_write(path_, errno);
    }
    size_ += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status PartFile::finish() {
  if (::fsync(fd_) != 0) return cannot_write(path_, errno);
  ::unlink(etag_path(path_).c_str());
  return {};
}

}  // namespace cinescribe::http
