#include "cinescribe/core/file.h"

#include <cerrno>
#include <fstream>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "cinescribe/core/atomic_file.h"

namespace cinescribe {

Error cannot_write(const std::filesystem::path& path, int code) {
  std::string hint;
  if (code == ENOSPC || code == EDQUOT || code == EFBIG) hint = "; free some space and run the same command again";
  if (code == EACCES || code == EROFS || code == EPERM) hint = "; choose another folder or change its permissions";
  return {ErrorCode::kResource, "cannot write " + path.string() + ": " + std::generic_category().message(code) + hint};
}

Status write_all(int fd, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return cannot_write(path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

void sync_folder_of(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

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
  CINESCRIBE_ASSIGN(AtomicFile file, AtomicFile::create(path));
  CINESCRIBE_TRY(file.write(content));
  return file.commit();
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
