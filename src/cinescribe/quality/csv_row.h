#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cinescribe::quality {

/// Takes the next line off `bytes`, without its end. Precondition: not empty.
std::string_view take_line(std::string_view& bytes);

/// Fields of one line of CSV: parted at `separator`, quotes undone; a quoted field does not go over lines.
std::vector<std::string> csv_fields(std::string_view line, char separator = ',');

/// The whole of `text`, blanks around it left out, as a finite number.
std::optional<double> number_from(std::string_view text);

}  // namespace cinescribe::quality
