#pragma once

#include <filesystem>
#include <string>

namespace cinescribe::cli {

/// What an argument of `evaluate` stands for: the file, or of a folder the file `name` in it.
std::filesystem::path evaluated_file(const std::string& argument, const char* name);

}  // namespace cinescribe::cli
