#include "cinescribe/models/cache.h"

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "cinescribe/core/file.h"
#include "cinescribe/models/model_store.h"

namespace cinescribe::models {

namespace {

std::filesystem::path from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::filesystem::path() : std::filesystem::path(value);
}

}  // namespace

std::filesystem::path cache_folder() {
  std::error_code code;
  if (const auto own = from_environment("CINESCRIBE_CACHE"); !own.empty()) return std::filesystem::absolute(own, code);
  // The XDG specification wants relative paths ignored.
  if (const auto xdg = from_environment("XDG_CACHE_HOME"); xdg.is_absolute()) return xdg / "cinescribe";
  if (const auto home = from_environment("HOME"); home.is_absolute()) return home / ".cache" / "cinescribe";
  return std::filesystem::temp_directory_path(code) / "cinescribe";
}

std::filesystem::path installed_folder(std::string_view name) { return cache_folder() / "models" / name; }

std::filesystem::path staging_folder(std::string_view name) { return cache_folder() / "staging" / name; }

std::filesystem::path downloads_folder() { return cache_folder() / "downloads"; }

std::filesystem::path lock_path(std::string_view name) {
  return cache_folder() / "locks" / (std::string(name) + ".lock");
}

std::filesystem::path pins_path(std::string_view name) {
  return cache_folder() / "pins" / (std::string(name) + ".json");
}

Status check_cache_is_writable() {
  const auto folder = cache_folder();
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (!code && ::access(folder.c_str(), W_OK | X_OK) != 0) code.assign(errno, std::generic_category());
  if (code) {
    return Error{ErrorCode::kResource, "cannot write the cache folder " + folder.string() + ": " + code.message() +
                                           "; change its permissions or set CINESCRIBE_CACHE to a folder of your own"};
  }
  return {};
}

void sync_folder(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace cinescribe::models
