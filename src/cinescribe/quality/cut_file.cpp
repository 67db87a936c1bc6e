#include "cinescribe/quality/cut_file.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <nlohmann/json.hpp>

#include "cinescribe/core/file.h"
#include "cinescribe/quality/csv_row.h"

namespace cinescribe::quality {

namespace {

using Json = nlohmann::json;
using Cuts = std::vector<std::int64_t>;

constexpr std::uint64_t kMostBytes = 256ULL << 20U;
constexpr double kLastFrame = 1e12;

Error unreadable(const std::string& name, const std::string& why) {
  return {ErrorCode::kInput, "cannot read cuts from " + name + ": " + why};
}

std::optional<std::int64_t> frame_number(std::optional<double> value) {
  if (!value || *value < 0 || *value > kLastFrame || *value != std::floor(*value)) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

Cuts without_start(Cuts starts) {
  if (!starts.empty()) starts.erase(std::min_element(starts.begin(), starts.end()));
  return starts;
}

Result<Cuts> numbers_of(const Json& list, const char* key, const std::string& name) {
  Cuts frames;
  for (const Json& item : list) {
    const Json* value = &item;
    if (key != nullptr) {
      if (!item.is_object() || !item.contains(key)) return unreadable(name, std::string("a scene has no ") + key);
      value = &item[key];
    }
    const auto frame = value->is_number() ? frame_number(value->get<double>()) : std::nullopt;
    if (!frame)
      return unreadable(name,
                        "'" + value->dump(-1, ' ', false, Json::error_handler_t::replace) + "' is no frame number");
    frames.push_back(*frame);
  }
  return frames;
}

Result<Cuts> from_json(std::string_view bytes, const std::string& name) {
  const Json root = Json::parse(bytes, nullptr, false);
  if (root.is_discarded()) return unreadable(name, "it is no valid JSON");
  if (root.is_array()) return numbers_of(root, nullptr, name);
  if (root.is_object() && root.contains("cuts") && root["cuts"].is_array()) {
    return numbers_of(root["cuts"], nullptr, name);
  }
  if (root.is_object() && root.contains("scenes") && root["scenes"].is_array()) {
    CINESCRIBE_ASSIGN(Cuts starts, numbers_of(root["scenes"], "start_frame", name));
    return without_start(std::move(starts));
  }
  return unreadable(name, "it has neither a list \"cuts\" nor a list \"scenes\"");
}

Result<Cuts> from_csv(std::string_view bytes, const std::string& name) {
  Cuts starts;
  std::optional<std::size_t> column;
  std::int64_t first_frame = 0;
  for (std::size_t number = 1; !bytes.empty(); ++number) {
    const std::vector<std::string> fields = csv_fields(take_line(bytes));
    if (fields.size() == 1 && fields[0].empty()) continue;
    if (!column) {  // other lines may stand before the header
      for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i] != "start_frame" && fields[i] != "Start Frame") continue;
        column = i;
        first_frame = fields[i] == "Start Frame" ? 1 : 0;
      }
      continue;
    }
    const auto frame = *column < fields.size() ? frame_number(number_from(fields[*column])) : std::nullopt;
    if (!frame || *frame < first_frame) return unreadable(name, "line " + std::to_string(number) + " has no frame");
    starts.push_back(*frame - first_frame);
  }
  if (!column) return unreadable(name, "no column is called start_frame");
  return without_start(std::move(starts));
}

Result<Cuts> from_lines(std::string_view bytes, const std::string& name) {
  Cuts cuts;
  for (std::size_t number = 1; !bytes.empty(); ++number) {
    std::string_view line = take_line(bytes);
    line = line.substr(0, line.find('#'));
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    const auto frame = frame_number(number_from(line));
    if (!frame) {
      return unreadable(name, "line " + std::to_string(number) + " is no frame number (one to a line, from 0)");
    }
    cuts.push_back(*frame);
  }
  return cuts;
}

}  // namespace

Result<Cuts> cuts_from(std::string_view bytes, const std::string& name) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (bytes.substr(0, kByteOrderMark.size()) == kByteOrderMark) bytes.remove_prefix(kByteOrderMark.size());
  const std::string ending = std::filesystem::path(name).extension().string();
  if (ending == ".json") return from_json(bytes, name);
  if (ending == ".csv") return from_csv(bytes, name);
  return from_lines(bytes, name);
}

Result<Cuts> read_cuts(const std::filesystem::path& path) {
  CINESCRIBE_ASSIGN(const std::string bytes, read_file(path, kMostBytes));
  return cuts_from(bytes, path.string());
}

}  // namespace cinescribe::quality
