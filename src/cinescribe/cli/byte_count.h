#pragma once

#include <cstdint>
#include <string>

namespace cinescribe::cli {

/// "138 MB", "1.3 kB", "512 B": decimal units, as download pages use them.
std::string format_byte_count(std::uint64_t bytes);

}  // namespace cinescribe::cli
