#include "cinescribe/quality/tag_file.h"

#include <algorithm>
#include <array>
#include <optional>

#include <nlohmann/json.hpp>

#include "cinescribe/core/file.h"
#include "cinescribe/quality/csv_row.h"
#include "cinescribe/text/utf8.h"

namespace cinescribe::quality {

namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kMostBytes = 1ULL << 30U;

Error unreadable(const std::string& what, const std::string& name, const std::string& why) {
  return {ErrorCode::kInput, "cannot read " + what + " from " + name + ": " + why};
}

std::optional<double> number_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

std::optional<TimeRange> range_from(std::optional<double> start, std::optional<double> end) {
  constexpr double kLastSecond = 1e9;
  if (!start || !end || !(*start >= 0.0) || !(*end > *start) || !(*end <= kLastSecond)) return std::nullopt;
  return TimeRange{Timestamp::from_seconds(*start), Timestamp::from_seconds(*end)};
}

std::optional<TimeRange> range_at(const Json& object) {
  return range_from(number_at(object, "start_seconds"), number_at(object, "end_seconds"));
}

const std::string* label_at(const Json& object) {
  const auto found = object.find("label");
  return found == object.end() || !found->is_string() ? nullptr : found->get_ptr<const std::string*>();
}

Result<std::vector<LabelledSpan>> spans_from_json(std::string_view bytes, const std::string& name) {
  const Json root = Json::parse(bytes, nullptr, false);
  if (root.is_discarded()) return unreadable("labels", name, "it is no valid JSON");
  const Json* list = root.is_array() ? &root : nullptr;
  for (const char* key : {"spans", "timeline"}) {
    if (root.is_object() && root.contains(key) && root[key].is_array()) list = &root[key];
  }
  if (list == nullptr) return unreadable("labels", name, "it is no list and has neither \"spans\" nor \"timeline\"");
  std::vector<LabelledSpan> spans;
  for (const Json& entry : *list) {
    const auto range = entry.is_object() ? range_at(entry) : std::nullopt;
    const std::string* label = entry.is_object() ? label_at(entry) : nullptr;
    if (!range || label == nullptr) {
      return unreadable(
          "labels", name,
          "entry " + std::to_string(spans.size()) + " lacks start_seconds < end_seconds (numbers) or label (text)");
    }
    spans.push_back({*range, *label});
  }
  return spans;
}

/// Where start, end and label stand in a row, by its header; nothing when the row is no header.
std::optional<std::array<std::size_t, 3>> columns_of(const std::vector<std::string>& header) {
  const auto find = [&](std::string_view plain, std::string_view with_unit) {
    const auto found = std::find_if(header.begin(), header.end(),
                                    [&](const std::string& name) { return name == plain || name == with_unit; });
    return static_cast<std::size_t>(found - header.begin());
  };
  const std::array<std::size_t, 3> columns = {find("start", "start_seconds"), find("end", "end_seconds"),
                                              find("label", "label")};
  const bool has_all = std::all_of(columns.begin(), columns.end(), [&](std::size_t c) { return c < header.size(); });
  return has_all ? std::optional(columns) : std::nullopt;
}

Result<std::vector<LabelledSpan>> spans_from_rows(std::string_view bytes, char separator, const std::string& name) {
  std::vector<LabelledSpan> spans;
  std::array<std::size_t, 3> columns = {0, 1, 2};
  for (std::size_t number = 1; !bytes.empty(); ++number) {
    const std::string_view line = take_line(bytes);
    if (line.find_first_not_of(" \t") == std::string_view::npos || line.front() == '#') continue;
    const std::vector<std::string> fields = csv_fields(line, separator);
    if (const auto named = columns_of(fields); named && spans.empty()) {
      columns = *named;
      continue;
    }
    const auto field = [&](std::size_t i) {
      return columns.at(i) < fields.size() ? std::string_view(fields[columns.at(i)]) : std::string_view();
    };
    const auto range = range_from(number_from(field(0)), number_from(field(1)));
    if (!range || field(2).empty()) {
      return unreadable(
          "labels", name,
          "line " + std::to_string(number) + " is not 'start, end, label' with seconds, 0 <= start < end");
    }
    spans.push_back({*range, std::string(field(2))});
  }
  return spans;
}

Result<ScoredWindow> window_from(const Json& entry, const std::string& name, std::size_t index) {
  const auto bad = [&](const std::string& why) {
    return unreadable("tags", name, "window " + std::to_string(index) + " " + why);
  };
  if (!entry.is_object()) return bad("is no object");
  const auto range = range_at(entry);
  if (!range) return bad("lacks start_seconds < end_seconds");
  ScoredWindow window;
  window.range = *range;
  const char* key = entry.contains("tags") ? "tags" : "sounds";  // scenes of base_data.json have "sounds"
  if (!entry.contains(key) || !entry[key].is_array()) return bad("has no list of tags");
  for (const Json& tag : entry[key]) {
    const std::string* label = tag.is_object() ? label_at(tag) : nullptr;
    const auto score = label == nullptr ? std::nullopt : number_at(tag, tag.contains("score") ? "score" : "max_score");
    if (!score) return bad("has a tag without label or score");
    window.tags.push_back({*label, *score});
  }
  return window;
}

}  // namespace

Result<std::vector<LabelledSpan>> spans_from(std::string_view bytes, const std::string& name) {
  if (!text::is_valid_utf8(bytes)) return unreadable("labels", name, "it is not UTF-8");
  const std::string ending = std::filesystem::path(name).extension().string();
  if (ending == ".json") return spans_from_json(bytes, name);
  return spans_from_rows(bytes, ending == ".csv" ? ',' : '\t', name);
}

Result<std::vector<ScoredWindow>> windows_from(std::string_view bytes, const std::string& name) {
  const Json root = Json::parse(bytes, nullptr, false);
  if (root.is_discarded()) return unreadable("tags", name, "it is no valid JSON");
  const Json* list = nullptr;
  for (const char* key : {"scenes", "windows"}) {
    if (root.is_object() && root.contains(key) && root[key].is_array()) list = &root[key];
  }
  if (list == nullptr) return unreadable("tags", name, "it has neither a list \"windows\" nor a list \"scenes\"");
  std::vector<ScoredWindow> windows;
  for (const Json& entry : *list) {
    CINESCRIBE_ASSIGN(ScoredWindow window, window_from(entry, name, windows.size()));
    windows.push_back(std::move(window));
  }
  return windows;
}

Result<std::vector<LabelledSpan>> read_spans(const std::filesystem::path& path) {
  CINESCRIBE_ASSIGN(const std::string bytes, read_file(path, kMostBytes));
  return spans_from(bytes, path.string());
}

Result<std::vector<ScoredWindow>> read_windows(const std::filesystem::path& path) {
  CINESCRIBE_ASSIGN(const std::string bytes, read_file(path, kMostBytes));
  return windows_from(bytes, path.string());
}

}  // namespace cinescribe::quality
