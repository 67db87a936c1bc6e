#include "cinescribe/models/archive.h"

#include <cerrno>
#include <memory>
#include <string_view>
#include <system_error>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <unistd.h>

namespace cinescribe::models {

namespace {

struct ArchiveDeleter {
  void operator()(struct archive* handle) const { archive_read_free(handle); }
};
using ArchiveHandle = std::unique_ptr<struct archive, ArchiveDeleter>;

constexpr std::size_t kBlockBytes = std::size_t{1} << 16U;

Error damaged(const std::filesystem::path& path, const ArchiveHandle& handle) {
  const char* words = archive_error_string(handle.get());
  return {ErrorCode::kModel, "cannot read the archive " + path.string() + ": " +
                                 (words == nullptr ? "it is damaged" : words) + "; fetch it again"};
}

Result<ArchiveHandle> open_archive(const std::filesystem::path& path) {
  ArchiveHandle handle(archive_read_new());
  if (handle == nullptr) return Error{ErrorCode::kResource, "out of memory while opening " + path.string()};
  archive_read_support_filter_gzip(handle.get());
  archive_read_support_format_tar(handle.get());
  archive_read_support_format_zip(handle.get());
  if (archive_read_open_filename(handle.get(), path.c_str(), kBlockBytes) != ARCHIVE_OK) return damaged(path, handle);
  return handle;
}

std::string_view without_leading_folders(std::string_view name, int count) {
  for (int i = 0; i < count; ++i) {
    const std::size_t slash = name.find('/');
    if (slash == std::string_view::npos) return {};
    name.remove_prefix(slash + 1);
  }
  return name;
}

/// Appends to a file; closes it in the end.
class Output {
 public:
  explicit Output(const std::filesystem::path& path)
      : path_(path), fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() {
    if (fd_ >= 0) ::close(fd_);
  }

  [[nodiscard]] Status check() const { return fd_ < 0 ? Status(cannot_write(errno)) : Status(); }
  Status write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
      if (count < 0) {
        if (errno == EINTR) continue;
        return cannot_write(errno);
      }
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
  }
  Status finish() { return ::fsync(fd_) == 0 ? Status() : Status(cannot_write(errno)); }

 private:
  [[nodiscard]] Error cannot_write(int code) const {
    return {ErrorCode::kResource, "cannot write " + path_.string() + ": " + std::generic_category().message(code) +
                                      (code == ENOSPC || code == EDQUOT ? "; free some space and try again" : "")};
  }

  std::filesystem::path path_;
  int fd_;
};

/// Copies the data of the entry the archive stands at.
Result<std::uint64_t> copy_entry(const ArchiveHandle& handle, const std::filesystem::path& path,
                                 const std::string& member, std::uint64_t max_bytes, Output& output,
                                 const std::stop_token& stop) {
  std::uint64_t copied = 0;
  std::string block(kBlockBytes, '\0');
  while (true) {
    if (stop.stop_requested()) return Error{ErrorCode::kInterrupted, "stopped while unpacking " + path.string()};
    const la_ssize_t count = archive_read_data(handle.get(), block.data(), block.size());
    if (count < 0) return damaged(path, handle);
    if (count == 0) return copied;
    copied += static_cast<std::uint64_t>(count);
    if (copied > max_bytes) {
      return Error{ErrorCode::kModel, "cannot use '" + member + "' of " + path.string() + ": it is longer than the " +
                                          std::to_string(max_bytes) + " bytes expected"};
    }
    CINESCRIBE_TRY(output.write({block.data(), static_cast<std::size_t>(count)}));
  }
}

}  // namespace

Result<std::uint64_t> extract_member(const std::filesystem::path& archive, const std::string& member, int strip_folders,
                                     std::uint64_t max_bytes, const std::filesystem::path& destination,
                                     const std::stop_token& stop) {
  CINESCRIBE_ASSIGN(const ArchiveHandle handle, open_archive(archive));
  archive_entry* entry = nullptr;
  while (true) {
    if (stop.stop_requested()) return Error{ErrorCode::kInterrupted, "stopped while unpacking " + archive.string()};
    const int code = archive_read_next_header(handle.get(), &entry);
    if (code == ARCHIVE_EOF) {
      return Error{ErrorCode::kModel, "there is no '" + member + "' in " + archive.string() +
                                          "; the catalogue and the package do not fit together"};
    }
    if (code != ARCHIVE_OK && code != ARCHIVE_WARN) return damaged(archive, handle);
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr || without_leading_folders(name, strip_folders) != member) continue;
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != nullptr) {
      return Error{ErrorCode::kModel, "'" + member + "' of " + archive.string() + " is not a regular file"};
    }
    Output output(destination);
    CINESCRIBE_TRY(output.check());
    CINESCRIBE_ASSIGN(const std::uint64_t copied, copy_entry(handle, archive, member, max_bytes, output, stop));
    CINESCRIBE_TRY(output.finish());
    return copied;
  }
}

}  // namespace cinescribe::models
