#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cinescribe/core/time.h"

/// Structures as JSON for messages between two processes of this program, so that reading gives back what was written:
/// floating-point numbers bit by bit (but for the payload of NaN), texts byte by byte whatever their encoding. A type
/// takes part by an overload of `visit_fields(value, visit)` that names each member once.
namespace cinescribe::pipeline {

using WireJson = nlohmann::json;

template <typename T>
concept Enumeration = std::is_enum_v<T>;

/// Highest value of an enumeration that may come.
template <Enumeration T>
constexpr int last_of() {
  return 7;
}

class FieldWriter {
 public:
  template <typename T>
  void operator()(const char* key, const T& value) {
    object_[key] = json_of(value);
  }
  [[nodiscard]] WireJson take() { return std::move(object_); }

  template <typename T>
  static WireJson json_of(const T& value) {
    if constexpr (std::is_enum_v<T>) {
      return static_cast<int>(value);
    } else if constexpr (std::is_floating_point_v<T>) {
      if (std::isfinite(value)) return static_cast<double>(value);
      return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
    } else if constexpr (std::is_arithmetic_v<T>) {
      return value;
    } else {
      FieldWriter writer;
      visit_fields(value, writer);
      return writer.take();
    }
  }
  static WireJson json_of(Timestamp value) { return value.ns(); }
  /// Texts that JSON cannot hold go as lists of bytes.
  static WireJson json_of(const std::string& text) {
    try {
      (void)WireJson(text).dump();
      return text;
    } catch (const WireJson::exception&) {
      WireJson bytes = WireJson::array();
      for (const char c : text) bytes.push_back(static_cast<int>(static_cast<unsigned char>(c)));
      return bytes;
    }
  }
  template <typename T>
  static WireJson json_of(const std::optional<T>& value) {
    return value ? json_of(*value) : WireJson(nullptr);
  }
  template <typename T>
  static WireJson json_of(const std::vector<T>& values) {
    WireJson array = WireJson::array();
    for (const T& value : values) array.push_back(json_of(value));
    return array;
  }

 private:
  WireJson object_ = WireJson::object();
};

class FieldReader {
 public:
  explicit FieldReader(const WireJson& object) : object_(object), is_good_(object.is_object()) {}

  template <typename T>
  void operator()(const char* key, T& value) {
    if (!is_good_) return;
    const auto found = object_.find(key);
    is_good_ = found != object_.end() && read(*found, value);
    if (!is_good_) missing_ = key;
  }
  [[nodiscard]] bool is_good() const { return is_good_; }
  /// The first key that is missing or of the wrong kind.
  [[nodiscard]] const std::string& missing() const { return missing_; }

  template <typename T>
  static bool read(const WireJson& json, T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      if (json.is_boolean()) value = json.get<bool>();
      return json.is_boolean();
    } else if constexpr (std::is_enum_v<T>) {
      int number = 0;
      if (!read(json, number) || number < 0 || number > last_of<T>()) return false;
      value = static_cast<T>(number);
      return true;
    } else if constexpr (std::is_floating_point_v<T>) {
      return read_number(json, value);
    } else if constexpr (std::is_integral_v<T>) {
      return read_integer(json, value);
    } else {
      FieldReader reader(json);
      visit_fields(value, reader);
      return reader.is_good();
    }
  }
  static bool read(const WireJson& json, Timestamp& value) {
    std::int64_t ns = 0;
    if (!read(json, ns)) return false;
    value = Timestamp::from_ns(ns);
    return true;
  }
  static bool read(const WireJson& json, std::string& text) {
    if (json.is_string()) {
      text = json.get<std::string>();
      return true;
    }
    std::vector<std::uint8_t> bytes;
    if (!json.is_array() || !read(json, bytes)) return false;
    text.assign(bytes.begin(), bytes.end());
    return true;
  }
  template <typename T>
  static bool read(const WireJson& json, std::optional<T>& value) {
    value.reset();
    if (json.is_null()) return true;
    return read(json, value.emplace());
  }
  template <typename T>
  static bool read(const WireJson& json, std::vector<T>& values) {
    if (!json.is_array()) return false;
    values.clear();
    for (const WireJson& item : json) {
      T value{};
      if (!read(item, value)) return false;
      values.push_back(std::move(value));
    }
    return true;
  }

 private:
  template <typename T>
  static bool read_number(const WireJson& json, T& value) {
    if (json.is_number()) {
      value = static_cast<T>(json.get<double>());
      return true;
    }
    const std::string word = json.is_string() ? json.get<std::string>() : std::string();
    if (word == "nan") value = std::numeric_limits<T>::quiet_NaN();
    if (word == "inf") value = std::numeric_limits<T>::infinity();
    if (word == "-inf") value = -std::numeric_limits<T>::infinity();
    return word == "nan" || word == "inf" || word == "-inf";
  }

  template <typename T>
  static bool read_integer(const WireJson& json, T& value) {
    if (json.is_number_unsigned()) {
      const auto number = json.get<std::uint64_t>();
      if (number > static_cast<std::uint64_t>(std::numeric_limits<T>::max())) return false;
      value = static_cast<T>(number);
      return true;
    }
    if (!json.is_number_integer()) return false;
    const auto number = json.get<std::int64_t>();  // below 0
    if constexpr (std::is_unsigned_v<T>) return false;
    if (number < static_cast<std::int64_t>(std::numeric_limits<T>::min())) return false;
    value = static_cast<T>(number);
    return true;
  }

  const WireJson& object_;
  bool is_good_ = false;
  std::string missing_;
};

}  // namespace cinescribe::pipeline
