#include "cinescribe/models/append_file.h"

#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

namespace cinescribe::models {

Status append_file(const std::filesystem::path& from, const std::filesystem::path& to, std::uint64_t max_bytes,
                   const std::stop_token& stop) {
  std::error_code code;
  if (!std::filesystem::is_regular_file(from, code)) {
    return Error{ErrorCode::kInput, "cannot read " + from.string() + ": not there, or no regular file"};
  }
  if (const auto size = std::filesystem::file_size(from, code); !code && size > max_bytes) {
    return Error{ErrorCode::kInput, "cannot use " + from.string() + ": " + std::to_string(size) +
                                        " bytes, expected are at most " + std::to_string(max_bytes)};
  }
  std::ifstream source(from, std::ios::binary);
  if (!source) return Error{ErrorCode::kInput, "cannot read " + from.string() + ": check its permissions"};
  errno = 0;
  std::ofstream target(to, std::ios::binary | std::ios::app);
  std::vector<char> block(std::size_t{1} << 20U);
  while (target && source) {
    if (stop.stop_requested()) return Error{ErrorCode::kInterrupted, "stopped while copying " + from.string()};
    source.read(block.data(), static_cast<std::streamsize>(block.size()));
    target.write(block.data(), source.gcount());
  }
  target.close();
  if (source.bad()) return Error{ErrorCode::kInput, "cannot read " + from.string() + ": input error"};
  if (!target) {
    return Error{ErrorCode::kResource, "cannot write " + to.string() + ": " +
                                           std::generic_category().message(errno == 0 ? EIO : errno) +
                                           "; free some space or choose another cache folder (CINESCRIBE_CACHE)"};
  }
  return {};
}

}  // namespace cinescribe::models
