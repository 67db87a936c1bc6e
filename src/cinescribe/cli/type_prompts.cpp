#include "cinescribe/cli/type_prompts.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <sstream>

#include <nlohmann/json.hpp>

#include "cinescribe/core/file.h"

namespace cinescribe::cli {

Result<std::vector<std::string>> read_type_prompts(const std::string& file) {
  constexpr std::uint64_t kMostBytes = 16ULL << 20U;
  CINESCRIBE_ASSIGN(const std::string bytes, read_file(file, kMostBytes));
  std::vector<std::string> prompts;
  if (std::filesystem::path(file).extension() == ".json") {
    const auto list = nlohmann::json::parse(bytes, nullptr, false);
    const bool is_good =
        list.is_array() && std::all_of(list.begin(), list.end(), [](const auto& item) { return item.is_string(); });
    if (!is_good) return Error{ErrorCode::kInput, "cannot read prompts from " + file + ": it is no JSON list of texts"};
    for (const auto& item : list) prompts.push_back(item.get<std::string>());
  } else {
    std::istringstream lines(bytes);
    for (std::string line; std::getline(lines, line);) {
      if (!line.empty() && line.back() == '\r') line.pop_back();
      if (!line.empty()) prompts.push_back(line);
    }
  }
  if (prompts.empty()) return Error{ErrorCode::kInput, "cannot read prompts from " + file + ": there are none"};
  return prompts;
}

}  // namespace cinescribe::cli
