#include "support/package_archives.h"

#include <memory>
#include <stdexcept>

#include <archive.h>
#include <archive_entry.h>

namespace cinescribe::test {

namespace {

struct WriterDeleter {
  void operator()(struct archive* handle) const { archive_write_free(handle); }
};
struct EntryDeleter {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

void write_members(struct archive* handle, const std::filesystem::path& path, const Members& members) {
  if (archive_write_open_filename(handle, path.c_str()) != ARCHIVE_OK) throw std::runtime_error(path.string());
  const std::string link_mark = "@link:";
  for (const auto& [name, content] : members) {
    const std::unique_ptr<archive_entry, EntryDeleter> entry(archive_entry_new());
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_perm(entry.get(), 0644);
    const bool is_link = content.compare(0, link_mark.size(), link_mark) == 0;
    archive_entry_set_filetype(entry.get(), is_link ? AE_IFLNK : AE_IFREG);
    if (is_link) archive_entry_set_symlink(entry.get(), content.substr(link_mark.size()).c_str());
    archive_entry_set_size(entry.get(), is_link ? 0 : static_cast<la_int64_t>(content.size()));
    if (archive_write_header(handle, entry.get()) != ARCHIVE_OK) throw std::runtime_error(archive_error_string(handle));
    if (!is_link) archive_write_data(handle, content.data(), content.size());
  }
  archive_write_close(handle);
}

}  // namespace

void write_zip(const std::filesystem::path& path, const Members& members) {
  const std::unique_ptr<struct archive, WriterDeleter> handle(archive_write_new());
  archive_write_set_format_zip(handle.get());
  write_members(handle.get(), path, members);
}

void write_tgz(const std::filesystem::path& path, const Members& members) {
  const std::unique_ptr<struct archive, WriterDeleter> handle(archive_write_new());
  archive_write_set_format_pax_restricted(handle.get());
  archive_write_add_filter_gzip(handle.get());
  write_members(handle.get(), path, members);
}

}  // namespace cinescribe::test
