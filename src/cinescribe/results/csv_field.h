#pragma once

#include <string>
#include <string_view>

namespace cinescribe::results {

/// The text as one field of a CSV line, in quotes where it needs them. @source RFC 4180
std::string csv_field(std::string_view text);

}  // namespace cinescribe::results
