#include "cinescribe/results/json_values.h"

#include <algorithm>
#include <string>

#include "cinescribe/core/time.h"

namespace cinescribe::results {

std::string dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string pretty(const Json& value, const std::string& margin) {
  const auto is_plain = [](const Json& item) { return !item.is_structured() || item.empty(); };
  if (is_plain(value)) return dump(value);
  std::string text;
  if (value.is_array() && std::all_of(value.begin(), value.end(), is_plain)) {
    for (const Json& item : value) text += (text.empty() ? "[" : ", ") + dump(item);
    return text + "]";
  }
  const std::string inner = margin + "  ";
  for (const auto& [key, item] : value.items()) {
    text += (text.empty() ? "\n" : ",\n") + inner;
    if (value.is_object()) text += dump(key) + ": ";
    text += pretty(item, inner);
  }
  return (value.is_object() ? "{" : "[") + text + "\n" + margin + (value.is_object() ? "}" : "]");
}

double exact_seconds(std::int64_t ns) { return static_cast<double>(ns) / 1e9; }

const Json* Members::find(const char* key, Json::value_t kind) {
  const Json* value = optional(key);
  if (value != nullptr && value->type() == kind) return value;
  fail(key);
  return nullptr;
}

const Json* Members::find_number(const char* key) {
  const Json* value = optional(key);
  if (value != nullptr && value->is_number()) return value;
  fail(key);
  return nullptr;
}

void Members::seconds(const char* key, std::int64_t& ns) {
  if (const Json* value = find_number(key)) ns = Duration::from_seconds(value->get<double>()).ns();
}

TimeRange Members::range() {
  std::int64_t start = 0;
  std::int64_t end = 0;
  seconds("start_seconds", start);
  seconds("end_seconds", end);
  return {Timestamp::from_ns(start), Timestamp::from_ns(end)};
}

const Json& Members::optional_array(const char* key) {
  static const Json kNone = Json::array();
  return optional(key) == nullptr ? kNone : array(key);
}

const Json& Members::array(const char* key) {
  static const Json kNone = Json::array();
  const Json* value = find(key, Json::value_t::array);
  return value != nullptr ? *value : kNone;
}

const Json* Members::optional(const char* key) const {
  if (!object_.is_object()) return nullptr;
  const auto found = object_.find(key);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

Status Members::status() const {
  if (!object_.is_object()) return Error{ErrorCode::kInput, "a JSON object was expected"};
  if (bad_key_ == nullptr) return {};
  return Error{ErrorCode::kInput, std::string("the key '") + bad_key_ + "' is missing or of the wrong kind"};
}

Status check_schema_version(Members& root, const char* remedy) {
  int version = 0;
  root.integer("schema_version", version);
  CINESCRIBE_TRY(root.status());
  if (version == kSchemaVersion) return {};
  return Error{ErrorCode::kInput, "schema_version is " + std::to_string(version) + ", this cinescribe reads " +
                                      std::to_string(kSchemaVersion) + "; " + remedy};
}

}  // namespace cinescribe::results
