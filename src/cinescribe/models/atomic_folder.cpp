#include "cinescribe/models/atomic_folder.h"

#include <cerrno>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "cinescribe/core/file.h"
#include "cinescribe/models/cache.h"

namespace cinescribe::models {

namespace fs = std::filesystem;

namespace {

/// "a/b" also of "a/b/": the name must not be empty.
fs::path without_slash(fs::path path) {
  return path.has_filename() ? path.lexically_normal() : path.lexically_normal().parent_path();
}

fs::path sibling(const fs::path& path, const std::string& end) {
  return path.parent_path() / ("." + path.filename().string() + end);
}

Error cannot_replace(const fs::path& path, const std::error_code& code) {
  return {ErrorCode::kResource, "cannot write the folder " + path.string() + ": " + code.message() +
                                    "; check its permissions and the space on its disk"};
}

}  // namespace

Result<AtomicFolder> AtomicFolder::create(const fs::path& path) {
  const fs::path target = without_slash(path);
  if (target.filename().empty() || target.filename() == "." || target.filename() == "..") {
    return Error{ErrorCode::kUsage, "'" + path.string() + "' is no name for a new folder"};
  }
  const fs::path part = sibling(target, ".part");
  CINESCRIBE_TRY(create_folder(part));
  const int fd = ::open(part.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return cannot_write(part, errno);
  AtomicFolder folder(target, part, fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    folder.part_.clear();  // It is another writer's.
    return Error{ErrorCode::kResource, "another process is writing " + target.string() + "; wait for it to end"};
  }
  std::error_code code;
  for (auto entry = fs::directory_iterator(part, code); !code && entry != fs::directory_iterator();
       entry.increment(code)) {
    std::error_code ignored;
    fs::remove_all(entry->path(), ignored);
  }
  return folder;
}

AtomicFolder::~AtomicFolder() {
  std::error_code ignored;
  if (fd_ >= 0 && !part_.empty()) fs::remove_all(part_, ignored);
  if (fd_ >= 0) ::close(fd_);
}

Status AtomicFolder::commit() {
  const fs::path old = sibling(path_, ".replaced." + std::to_string(::getpid()));
  std::error_code code;
  sync_folder(part_);
  const bool has_old = fs::exists(path_, code);
  if (has_old) fs::rename(path_, old, code);
  if (code) return cannot_replace(path_, code);
  fs::rename(part_, path_, code);
  if (code) {
    const Error error = cannot_replace(path_, code);
    if (has_old) fs::rename(old, path_, code);
    return error;
  }
  part_.clear();
  sync_folder_of(path_);
  if (has_old) fs::remove_all(old, code);
  return {};
}

}  // namespace cinescribe::models
