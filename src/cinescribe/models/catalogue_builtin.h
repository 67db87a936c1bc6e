#pragma once

#include <string_view>

namespace cinescribe::models {

/// The text of catalogue.json, put into the library when it is built.
std::string_view builtin_catalogue();

}  // namespace cinescribe::models
