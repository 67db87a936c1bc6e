#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>

#include "cinescribe/core/status.h"

namespace cinescribe::models {

/// Appends the file `from` to `to`, which is made if it is not there. Errors: kInput (`from` is missing, unreadable or
/// longer than `max_bytes`), kResource (disk), kInterrupted.
Status append_file(const std::filesystem::path& from, const std::filesystem::path& to, std::uint64_t max_bytes,
                   const std::stop_token& stop);

}  // namespace cinescribe::models
