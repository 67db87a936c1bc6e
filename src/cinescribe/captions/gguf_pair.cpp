#include "cinescribe/captions/gguf_pair.h"

#include <algorithm>
#include <cctype>
#include <system_error>
#include <vector>

#include "cinescribe/core/file.h"

namespace cinescribe::captions {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLongestTemplate = 1U << 20U;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// Whether this is a later part of a split model ("x-00002-of-00003.gguf").
bool is_later_part(const std::string& name) {
  const std::size_t of = name.rfind("-of-");
  if (of == std::string::npos || of < 6) return false;
  const std::string number = name.substr(of - 5, 5);
  return name[of - 6] == '-' && std::all_of(number.begin(), number.end(), ::isdigit) && number != "00001";
}

std::string listed(const std::vector<fs::path>& files) {
  std::string names;
  for (const fs::path& file : files) names += (names.empty() ? "" : ", ") + file.filename().string();
  return names.empty() ? "none" : names;
}

Result<fs::path> only(const std::vector<fs::path>& files, const std::string& preferred, const char* what,
                      const fs::path& folder) {
  for (const fs::path& file : files) {
    if (file.filename() == preferred) return file;
  }
  if (files.size() == 1) return files.front();
  return Error{ErrorCode::kModel, "cannot tell the " + std::string(what) + " in " + folder.string() + ": found " +
                                      listed(files) + "; name it " + preferred};
}

}  // namespace

Result<GgufPair> find_gguf_pair(const fs::path& folder) {
  std::error_code code;
  std::vector<fs::path> languages;
  std::vector<fs::path> projectors;
  for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code)) {
    const std::string name = lower(it->path().filename().string());
    if (!name.ends_with(".gguf") || !it->is_regular_file(code) || is_later_part(name)) continue;
    (name.find("mmproj") == std::string::npos ? languages : projectors).push_back(it->path());
  }
  if (code) {
    return Error{ErrorCode::kModel, "cannot read the model folder " + folder.string() + ": " + code.message()};
  }
  std::sort(languages.begin(), languages.end());
  std::sort(projectors.begin(), projectors.end());
  GgufPair pair;
  CINESCRIBE_ASSIGN(pair.language, only(languages, "language.gguf", "language model (*.gguf)", folder));
  CINESCRIBE_ASSIGN(pair.mmproj, only(projectors, "mmproj.gguf", "picture half (*mmproj*.gguf)", folder));
  const fs::path words = folder / "chat_template.txt";
  if (fs::exists(words, code)) {
    CINESCRIBE_ASSIGN(pair.chat_template, read_file(words, kLongestTemplate));
    while (!pair.chat_template.empty() && pair.chat_template.back() == '\n') pair.chat_template.pop_back();
  }
  return pair;
}

}  // namespace cinescribe::captions
