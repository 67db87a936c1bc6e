#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "cinescribe/core/status.h"

namespace cinescribe {

/// Writes `path` so that it is there whole or not at all: a sibling temporary file, fsync, rename, fsync of the folder.
/// Creates missing parent folders. Errors: kResource (no space, no permission), message names the path and the cause.
Status write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// Reads a whole file of at most `max_bytes`. Errors: kInput (missing, unreadable, larger).
Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t max_bytes);

/// Creates a folder and its parents. Errors: kResource.
Status create_folder(const std::filesystem::path& path);

/// kResource: "cannot write PATH: CAUSE; what to do", from a value of errno.
Error cannot_write(const std::filesystem::path& path, int code);

/// Writes all bytes to an open file; errors as `cannot_write` about `path`.
Status write_all(int fd, std::string_view bytes, const std::filesystem::path& path);

/// Brings a rename in the folder of `path` to the disk; best effort.
void sync_folder_of(const std::filesystem::path& path);

}  // namespace cinescribe
