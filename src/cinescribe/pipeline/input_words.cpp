#include "cinescribe/pipeline/input_words.h"

#include <cerrno>
#include <fstream>
#include <iostream>
#include <istream>
#include <memory>
#include <string_view>
#include <system_error>

#include <glob.h>

namespace cinescribe::pipeline {

namespace {

namespace fs = std::filesystem;

/// A line longer than any path can be is no line of a list: somebody gave a video.
constexpr std::size_t kLongestLine = 65536;

bool is_there(const fs::path& path) {
  std::error_code code;
  return fs::exists(fs::symlink_status(path, code));
}

bool is_pattern(std::string_view word) { return word.find_first_of("*?[") != std::string_view::npos; }

struct GlobFree {
  void operator()(glob_t* found) const { ::globfree(found); }
};

void add_matches(const std::string& pattern, InputPaths& result) {
  glob_t found{};
  const std::unique_ptr<glob_t, GlobFree> owner(&found);
  const int code = ::glob(pattern.c_str(), 0, nullptr, &found);
  if (code == GLOB_NOMATCH) {
    result.problems.push_back({ErrorCode::kInput, "nothing matches " + pattern});
  } else if (code != 0) {
    result.problems.push_back({ErrorCode::kInput, "cannot search for " + pattern + ": " +
                                                      (code == GLOB_NOSPACE ? "out of memory" : "cannot read")});
  } else {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) result.paths.emplace_back(found.gl_pathv[i]);
  }
}

void add_path(const std::string& word, InputPaths& result) {
  if (is_pattern(word) && !is_there(word)) {
    add_matches(word, result);
  } else {
    result.paths.emplace_back(word);
  }
}

/// Relative patterns and paths of a list start from its folder, whose own name is no pattern.
std::string in_folder(const fs::path& folder, const std::string& word) {
  if (folder.empty() || fs::path(word).is_absolute()) return word;
  if (!is_pattern(word) || is_there(folder / word)) return (folder / word).string();
  std::string quoted;
  for (const char c : folder.string()) {
    if (c == '*' || c == '?' || c == '[' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "/" + word;
}

void add_lines(std::istream& stream, const std::string& name, const fs::path& folder, InputPaths& result) {
  std::size_t number = 0;
  for (std::string line; std::getline(stream, line);) {
    if (++number == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
    if (line.ends_with('\r')) line.pop_back();
    if (line.find('\0') != std::string::npos || line.size() > kLongestLine) {
      result.problems.push_back({ErrorCode::kInput, "line " + std::to_string(number) + " of the list " + name +
                                                        " is no path; a list is text with one path a line"});
      return;
    }
    if (line.empty() || line.starts_with('#')) continue;
    add_path(in_folder(folder, line), result);
  }
  if (stream.bad()) result.problems.push_back({ErrorCode::kInput, "cannot read the list " + name + " to its end"});
}

void add_list(const std::string& name, InputPaths& result) {
  if (name == "-") return add_lines(std::cin, "on standard input", {}, result);
  std::error_code code;
  errno = 0;
  std::ifstream stream(name, std::ios::binary);
  if (!stream || fs::is_directory(name, code)) {
    const int cause = errno != 0 ? errno : EISDIR;
    result.problems.push_back(
        {ErrorCode::kInput, "cannot read the list " + name + ": " + std::generic_category().message(cause)});
    return;
  }
  add_lines(stream, name, fs::path(name).parent_path(), result);
}

}  // namespace

InputPaths expand_inputs(const std::vector<std::string>& words) {
  InputPaths result;
  for (const std::string& word : words) {
    if (word.starts_with('@') && !is_there(word)) {
      add_list(word.substr(1), result);
    } else {
      add_path(word, result);
    }
  }
  return result;
}

}  // namespace cinescribe::pipeline
