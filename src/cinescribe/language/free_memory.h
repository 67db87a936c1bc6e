#pragma once

#include <cstdint>
#include <string>

namespace cinescribe::language {

/// Bytes that can still be used on a device ("cpu" or ggml's name): what the system counts as available, within the
/// limit of this process's control group. The largest number when nothing is known.
std::uint64_t free_memory_bytes(const std::string& device);

/// "12.3 GiB" or "45 MiB".
std::string memory_text(std::uint64_t bytes);

}  // namespace cinescribe::language
