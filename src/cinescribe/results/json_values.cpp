#include "cinescribe/results/json_values.h"

#include <string>

#include "cinescribe/core/time.h"

namespace cinescribe::results {

std::string dump(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string indented(const std::string& block, const std::string& margin) {
  std::string out;
  for (const char c : block) {
    out += c;
    if (c == '\n') out += margin;
  }
  return out;
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

}  // namespace cinescribe::results
