#include "cinescribe/tensor/json_fields.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "cinescribe/core/file.h"

namespace cinescribe::tensor {

namespace {

using nlohmann::json;

constexpr std::uint64_t kLargestFile = 64ULL << 20U;
constexpr std::size_t kLongestShown = 60;

std::string shown(const json& value) {
  std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  if (text.size() > kLongestShown) text = text.substr(0, kLongestShown) + "…";
  return text;
}

std::string shown(double value) {
  std::string text(32, '\0');
  text.resize(static_cast<std::size_t>(std::snprintf(text.data(), text.size(), "%g", value)));
  return text;
}

}  // namespace

Result<json> read_json_object(const std::filesystem::path& path) {
  auto text = read_file(path, kLargestFile);
  if (!text.ok()) return Error{ErrorCode::kModel, text.error().message};
  json value = json::parse(*text, nullptr, false);
  if (!value.is_object()) return Error{ErrorCode::kModel, "cannot read " + path.string() + ": no JSON object in it"};
  return value;
}

const json* JsonFields::find(const char* key) const {
  if (!object_->is_object()) return nullptr;
  const auto found = object_->find(key);
  return found == object_->end() || found->is_null() ? nullptr : &*found;
}

Error JsonFields::bad(const char* key, const std::string& expected) const {
  const json* value = find(key);
  const std::string found = value == nullptr ? " is missing" : " is " + shown(*value);
  return {ErrorCode::kModel, where_ + ": '" + key + "'" + found + ", expected " + expected};
}

Result<std::int64_t> JsonFields::integer(const char* key, std::int64_t low, std::int64_t high,
                                         std::optional<std::int64_t> fallback) const {
  const json* value = find(key);
  if (value == nullptr && fallback) return *fallback;
  const bool is_too_big = value != nullptr && value->is_number_unsigned() &&
                          value->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
  if (value == nullptr || !value->is_number_integer() || is_too_big || value->get<std::int64_t>() < low ||
      value->get<std::int64_t>() > high) {
    return bad(key, "an integer from " + std::to_string(low) + " to " + std::to_string(high));
  }
  return value->get<std::int64_t>();
}

Result<int> JsonFields::small_integer(const char* key, int low, int high, std::optional<int> fallback) const {
  CINESCRIBE_ASSIGN(const std::int64_t value, integer(key, low, high, fallback));
  return static_cast<int>(value);
}

Result<double> JsonFields::number(const char* key, double low, double high, std::optional<double> fallback) const {
  const json* value = find(key);
  if (value == nullptr && fallback) return *fallback;
  const bool is_number = value != nullptr && value->is_number();
  const double number = is_number ? value->get<double>() : 0.0;
  if (!is_number || !std::isfinite(number) || number < low || number > high) {
    return bad(key, "a number from " + shown(low) + " to " + shown(high));
  }
  return number;
}

Result<bool> JsonFields::flag(const char* key, std::optional<bool> fallback) const {
  const json* value = find(key);
  if (value == nullptr && fallback) return *fallback;
  if (value == nullptr || !value->is_boolean()) return bad(key, "true or false");
  return value->get<bool>();
}

Result<std::string> JsonFields::text(const char* key, std::optional<std::string_view> fallback) const {
  const json* value = find(key);
  if (value == nullptr && fallback) return std::string(*fallback);
  if (value == nullptr || !value->is_string()) return bad(key, "a text");
  return value->get<std::string>();
}

Result<std::string> JsonFields::word(const char* key, std::initializer_list<std::string_view> known,
                                     std::optional<std::string_view> fallback) const {
  CINESCRIBE_ASSIGN(std::string found, text(key, fallback));
  if (std::find(known.begin(), known.end(), found) != known.end()) return found;
  std::string list;
  for (const std::string_view item : known) list += (list.empty() ? "" : ", ") + std::string(item);
  return Error{ErrorCode::kModel,
               where_ + ": '" + key + "' is '" + found.substr(0, kLongestShown) + "', supported here: " + list};
}

Result<JsonFields> JsonFields::object(const char* key) const {
  static const json kEmpty = json::object();
  const json* value = find(key);
  if (value == nullptr) return JsonFields(kEmpty, where_ + ", " + key);
  if (!value->is_object()) return bad(key, "an object");
  return JsonFields(*value, where_ + ", " + key);
}

}  // namespace cinescribe::tensor
