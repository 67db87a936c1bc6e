#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "cinescribe/core/status.h"

// Private to the room: reading JSON of foreign files. Nothing here throws.
namespace cinescribe::text {

using Json = nlohmann::json;

constexpr std::uint64_t kMaxTokenizerFileBytes = 256ULL << 20;

/// A JSON object in a file. Errors: kModel, naming the file.
Result<Json> read_json_object(const std::filesystem::path& file);

/// The member `key` of an object; nullptr when there is none, when it is null, or when `object` is no object.
const Json* member(const Json& object, std::string_view key);

/// Texts and switches of an object; `fallback` when missing or null. Errors: kModel, naming the key.
Result<std::string> text_member(const Json& object, const char* key, std::string_view fallback);
Result<bool> bool_member(const Json& object, const char* key, bool fallback);

/// What stands in the member "type" of a component ("" when there is none).
std::string type_of(const Json& component);

/// kModel: a component of a tokenizer that cannot be run here.
Error unsupported(std::string_view what, const std::string& type);

}  // namespace cinescribe::text
