#include "cinescribe/pipeline/result_folders.h"

#include <algorithm>
#include <string>
#include <system_error>

namespace cinescribe::pipeline {

namespace {

namespace fs = std::filesystem;

constexpr const char* kFile = "base_data.json";

bool has_results(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_regular_file(folder / kFile, ignored);
}

std::vector<fs::path> videos_in(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code code;
  for (fs::directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code)) {
    if (has_results(entry->path())) found.push_back(entry->path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<fs::path> results_of(const fs::path& argument) {
  std::error_code ignored;
  if (argument.filename() == kFile && fs::is_regular_file(argument, ignored)) return {argument.parent_path()};
  if (has_results(argument)) return {argument};
  std::vector<fs::path> found = videos_in(argument);
  return found.empty() ? videos_in(argument / "base") : found;
}

Error no_results(const fs::path& argument) {
  std::error_code ignored;
  if (!fs::exists(argument, ignored)) return {ErrorCode::kInput, argument.string() + " does not exist"};
  const bool is_unfinished = fs::exists(argument / "journal.jsonl", ignored);
  return {ErrorCode::kInput,
          argument.string() + (is_unfinished ? " holds an unfinished analysis; run cinescribe analyze again first"
                                             : " holds no base_data.json; run cinescribe analyze first and name the "
                                               "folder that it writes, such as results/base/my_video")};
}

}  // namespace

ResultFolders find_result_folders(const std::vector<fs::path>& arguments) {
  ResultFolders results;
  for (const fs::path& argument : arguments) {
    const std::vector<fs::path> found = results_of(argument);
    if (found.empty()) results.problems.push_back(no_results(argument));
    for (const fs::path& folder : found) {
      std::error_code code;
      fs::path absolute = fs::canonical(folder, code);
      if (code) absolute = folder;
      if (std::find(results.folders.begin(), results.folders.end(), absolute) == results.folders.end()) {
        results.folders.push_back(std::move(absolute));
      }
    }
  }
  return results;
}

fs::path output_of(const fs::path& result_folder) {
  const fs::path above = result_folder.parent_path();
  return above.filename() == "base" ? above.parent_path() : above;
}

}  // namespace cinescribe::pipeline
