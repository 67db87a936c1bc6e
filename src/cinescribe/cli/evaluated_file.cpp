#include "cinescribe/cli/evaluated_file.h"

#include <system_error>

namespace cinescribe::cli {

std::filesystem::path evaluated_file(const std::string& argument, const char* name) {
  std::error_code ignored;
  const std::filesystem::path path(argument);
  return std::filesystem::is_directory(path, ignored) ? path / name : path;
}

}  // namespace cinescribe::cli
