#include "cinescribe/pipeline/media_files.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <system_error>

namespace cinescribe::pipeline {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 33> kExtensions = {
    ".3g2", ".3gp",  ".aac", ".aiff", ".asf",  ".avi",  ".flac", ".flv", ".m2ts", ".m4a", ".m4v",
    ".mka", ".mkv",  ".mov", ".mp3",  ".mp4",  ".mpeg", ".mpg",  ".mts", ".mxf",  ".oga", ".ogg",
    ".ogv", ".opus", ".qt",  ".rm",   ".rmvb", ".ts",   ".vob",  ".wav", ".webm", ".wma", ".wmv"};

Error problem(const fs::path& path, const std::string& cause) {
  return {ErrorCode::kInput, "cannot read " + path.string() + ": " + cause};
}

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with("."); }

/// Adds the media files below `folder`.
void search(const fs::path& folder, std::vector<fs::path>& found, std::vector<Error>& problems) {
  std::error_code code;
  auto entry = fs::recursive_directory_iterator(folder, fs::directory_options::none, code);
  if (code) return problems.push_back(problem(folder, code.message()));
  while (entry != fs::recursive_directory_iterator()) {
    std::error_code ignored;
    if (is_hidden(entry->path())) {
      entry.disable_recursion_pending();
    } else if (has_media_extension(entry->path()) && entry->is_regular_file(ignored)) {
      found.push_back(entry->path());
    } else if (entry->is_directory(ignored) &&
               fs::directory_iterator(entry->path(), code) == fs::directory_iterator() && code) {
      problems.push_back(problem(entry->path(), code.message()));
      entry.disable_recursion_pending();
    }
    entry.increment(code);
    if (code) return problems.push_back(problem(folder, code.message()));
  }
}

}  // namespace

bool has_media_extension(const fs::path& file) {
  std::string extension = file.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), [](unsigned char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : static_cast<char>(c);
  });
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

MediaFiles find_media_files(const std::vector<fs::path>& inputs) {
  MediaFiles result;
  std::set<fs::path> seen;
  const auto add = [&](const fs::path& file) {
    std::error_code code;
    const fs::path real = fs::weakly_canonical(file, code);
    if (seen.insert(code ? file : real).second) result.files.push_back(file);
  };
  for (const fs::path& input : inputs) {
    std::error_code code;
    const auto status = fs::status(input, code);
    if (!fs::exists(status)) {
      result.problems.push_back(problem(input, "there is no such file or folder"));
    } else if (!fs::is_directory(status)) {
      add(input);
    } else {
      std::vector<fs::path> found;
      const std::size_t problems_before = result.problems.size();
      search(input, found, result.problems);
      std::sort(found.begin(), found.end());
      if (found.empty() && result.problems.size() == problems_before) {
        result.problems.push_back(problem(input, "the folder holds no video or sound files"));
      }
      std::for_each(found.begin(), found.end(), add);
    }
  }
  return result;
}

}  // namespace cinescribe::pipeline
