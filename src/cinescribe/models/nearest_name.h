#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cinescribe::models {

/// The candidate that takes the fewest single-character edits to become `name` (compared without case), or "" when
/// none is near enough to be what was meant.
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace cinescribe::models
