#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "cinescribe/core/status.h"

namespace cinescribe::tensor {

/// Reads a file that must hold one JSON object (at most 64 MiB). Errors: kModel, naming the file.
Result<nlohmann::json> read_json_object(const std::filesystem::path& path);

/// A JSON object of a foreign file, read field by field: every value is checked for its kind and range.
///
/// `null` counts as missing. A view: the object must outlive it. All errors: kModel, naming the file, key and value.
class JsonFields {
 public:
  /// `where` names the object in messages ("config.json, text_config").
  JsonFields(const nlohmann::json& object, std::string where) : object_(&object), where_(std::move(where)) {}

  [[nodiscard]] const std::string& where() const { return where_; }
  [[nodiscard]] bool has(const char* key) const { return find(key) != nullptr; }
  /// Whether the key is written down, be it `null`.
  [[nodiscard]] bool mentions(const char* key) const { return object_->is_object() && object_->contains(key); }
  /// nullptr when missing.
  [[nodiscard]] const nlohmann::json* find(const char* key) const;

  /// Without a fallback a missing key is an error.
  [[nodiscard]] Result<std::int64_t> integer(const char* key, std::int64_t low, std::int64_t high,
                                             std::optional<std::int64_t> fallback = std::nullopt) const;
  /// The same as an int; `high` fits.
  [[nodiscard]] Result<int> small_integer(const char* key, int low, int high,
                                          std::optional<int> fallback = std::nullopt) const;
  [[nodiscard]] Result<double> number(const char* key, double low, double high,
                                      std::optional<double> fallback = std::nullopt) const;
  [[nodiscard]] Result<bool> flag(const char* key, std::optional<bool> fallback = std::nullopt) const;
  [[nodiscard]] Result<std::string> text(const char* key,
                                         std::optional<std::string_view> fallback = std::nullopt) const;
  /// The text, which must be one of `known`.
  [[nodiscard]] Result<std::string> word(const char* key, std::initializer_list<std::string_view> known,
                                         std::optional<std::string_view> fallback = std::nullopt) const;
  /// An object below this one; a missing one is an empty object.
  [[nodiscard]] Result<JsonFields> object(const char* key) const;

  /// An error about `key`: "WHERE: 'KEY' is VALUE, expected WHAT".
  [[nodiscard]] Error bad(const char* key, const std::string& expected) const;

 private:
  const nlohmann::json* object_;
  std::string where_;
};

}  // namespace cinescribe::tensor
