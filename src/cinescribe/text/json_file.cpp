#include "cinescribe/text/json_file.h"

#include "cinescribe/core/file.h"

namespace cinescribe::text {

Result<Json> read_json_object(const std::filesystem::path& file) {
  const auto bytes = read_file(file, kMaxTokenizerFileBytes);
  if (!bytes.ok()) return Error{ErrorCode::kModel, bytes.error().message};
  Json value = Json::parse(*bytes, nullptr, false);
  if (!value.is_object()) return Error{ErrorCode::kModel, file.string() + " holds no valid JSON object"};
  return value;
}

const Json* member(const Json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

Result<std::string> text_member(const Json& object, const char* key, std::string_view fallback) {
  const Json* value = member(object, key);
  if (value == nullptr) return std::string(fallback);
  if (!value->is_string()) return Error{ErrorCode::kModel, "'" + std::string(key) + "' is no text"};
  return value->get<std::string>();
}

Result<bool> bool_member(const Json& object, const char* key, bool fallback) {
  const Json* value = member(object, key);
  if (value == nullptr) return fallback;
  if (!value->is_boolean()) return Error{ErrorCode::kModel, "'" + std::string(key) + "' is neither true nor false"};
  return value->get<bool>();
}

std::string type_of(const Json& component) {
  const Json* type = member(component, "type");
  return type != nullptr && type->is_string() ? type->get<std::string>() : std::string();
}

Error unsupported(std::string_view what, const std::string& type) {
  return {ErrorCode::kModel, std::string(what) + " of type '" + type +
                                 "' is not supported; the tokenizers of LLaMA, Mistral, Phi and BERT are"};
}

}  // namespace cinescribe::text
