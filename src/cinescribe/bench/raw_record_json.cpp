#include "cinescribe/bench/raw_record_json.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

#include <nlohmann/json.hpp>

#include "cinescribe/bench/raw_record_members.h"

namespace cinescribe::bench {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kDeepest = 16;
constexpr double kLargest = 1e15;
constexpr std::size_t kLongestText = std::size_t{64} << 10;
constexpr std::size_t kMostItems = 256;

/// Microseconds are finer than any of our clocks is steady.
double rounded(double value) { return std::isfinite(value) ? std::round(value * 1e6) / 1e6 : 0.0; }

class Writer {
 public:
  explicit Writer(Json& out) : out_(out) {}

  void operator()(const char* key, const std::string& value) { out_[key] = value; }
  void operator()(const char* key, double value) { out_[key] = rounded(value); }
  void operator()(const char* key, bool value) { out_[key] = value; }
  void operator()(const char* key, int value) { out_[key] = value; }
  void operator()(const char* key, std::int64_t value) { out_[key] = value; }
  void operator()(const char* key, std::uint64_t value) { out_[key] = value; }
  void operator()(const char* key, const std::vector<std::string>& value) { out_[key] = value; }
  template <typename T>
  void operator()(const char* key, const std::map<std::string, T>& value) {
    out_[key] = Json::object();
    for (const auto& [name, item] : value) out_[key][name] = item;
  }
  template <typename T>
  void operator()(const char* key, const std::optional<T>& value) {
    value ? (*this)(key, *value) : void(out_[key] = nullptr);
  }
  void operator()(const char* key, const CaptionPhases& phases) {
    Json inner = Json::object();
    Writer writer(inner);
    visit_phases(writer, phases);
    out_[key] = std::move(inner);
  }
  void operator()(const char* key, const std::vector<DeviceFacts>& devices) {
    out_[key] = Json::array();
    for (const DeviceFacts& device : devices) {
      out_[key].push_back(
          {{"name", device.name}, {"description", device.description}, {"memory_bytes", device.memory_bytes}});
    }
  }
  void signed_number(const char* key, double value) { (*this)(key, value); }
  void object(const char* key, const std::string& text) {
    Json value = Json::parse(text, nullptr, false);
    out_[key] = value.is_object() ? std::move(value) : Json::object();
  }

 private:
  Json& out_;
};

class Reader {
 public:
  explicit Reader(const Json& in) : in_(in) {}

  [[nodiscard]] Status status() const {
    if (bad_key_.empty()) return {};
    return Error{ErrorCode::kInput, "the value of '" + bad_key_ + "' " + why_};
  }

  void operator()(const char* key, std::string& out) {
    const Json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_string()) return fail(key, "is no text");
    take_text(key, *value, out);
  }
  void operator()(const char* key, bool& out) {
    const Json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_boolean()) return fail(key, "is neither true nor false");
    out = value->get<bool>();
  }
  void operator()(const char* key, double& out) {
    if (const Json* value = find(key)) take_number(key, *value, out, 0.0);
  }
  void operator()(const char* key, int& out) { integer(key, out); }
  void operator()(const char* key, std::int64_t& out) { integer(key, out); }
  void operator()(const char* key, std::uint64_t& out) { integer(key, out); }
  template <typename T>
  void operator()(const char* key, std::optional<T>& out) {
    if (find(key) == nullptr) return;
    T value{};
    (*this)(key, value);
    out = std::move(value);
  }
  void operator()(const char* key, CaptionPhases& out) {
    const Json* value = find(key);
    if (!value->is_object()) return fail(key, "is no object");
    Reader reader(*value);
    visit_phases(reader, out);
    if (!reader.bad_key_.empty()) fail(key, "holds what cannot be");
  }
  void operator()(const char* key, std::vector<std::string>& out) {
    const Json* value = list(key);
    if (value == nullptr) return;
    for (const Json& item : *value) {
      if (!item.is_string()) return fail(key, "holds what is no text");
      take_text(key, item, out.emplace_back());
    }
  }
  void operator()(const char* key, std::vector<DeviceFacts>& out) {
    const Json* value = list(key);
    if (value == nullptr) return;
    for (const Json& item : *value) {
      if (!item.is_object()) return fail(key, "holds what is no object");
      DeviceFacts& device = out.emplace_back();
      Reader reader(item);
      reader("name", device.name);
      reader("description", device.description);
      reader("memory_bytes", device.memory_bytes);
      if (!reader.bad_key_.empty()) return fail(key, "holds what cannot be");
    }
  }
  template <typename T>
  void operator()(const char* key, std::map<std::string, T>& out) {
    const Json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_object() || value->size() > kMostItems) return fail(key, "is no small object");
    Reader reader(*value);
    for (const auto& item : value->items()) {
      if (item.key().size() > kLongestText) return fail(key, "has an endless name");
      reader(item.key().c_str(), out[item.key()]);
    }
    if (!reader.bad_key_.empty()) fail(key, "holds what cannot be");
  }
  void signed_number(const char* key, double& out) {
    if (const Json* value = find(key)) take_number(key, *value, out, -kLargest);
  }
  void object(const char* key, std::string& out) {
    const Json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_object()) return fail(key, "is no object");
    std::string text = value->dump(-1, ' ', false, Json::error_handler_t::replace);
    if (text.size() > kLongestText) return fail(key, "is longer than 64 KiB");
    out = std::move(text);
  }

 private:
  /// The value where it is there and not null.
  const Json* find(const char* key) const {
    const auto found = in_.find(key);
    return found == in_.end() || found->is_null() ? nullptr : &*found;
  }
  const Json* list(const char* key) {
    const Json* value = find(key);
    if (value == nullptr || (value->is_array() && value->size() <= kMostItems)) return value;
    fail(key, "is no short list");
    return nullptr;
  }
  void take_text(const char* key, const Json& value, std::string& out) {
    const std::string& text = value.get_ref<const std::string&>();
    text.size() > kLongestText ? fail(key, "is longer than 64 KiB") : void(out = text);
  }
  void take_number(const char* key, const Json& value, double& out, double least) {
    if (!value.is_number()) return fail(key, "is no number");
    const auto number = value.get<double>();
    if (!std::isfinite(number) || number < least || number > kLargest) return fail(key, "cannot be");
    out = number;
  }
  template <typename Integer>
  void integer(const char* key, Integer& out) {
    const Json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_number_integer()) return fail(key, "is no whole number");
    const auto number = value->get<double>();
    const double most = std::min(kLargest, static_cast<double>(std::numeric_limits<Integer>::max()));
    if (number < 0.0 || number > most) return fail(key, "cannot be");
    out = value->get<Integer>();
  }
  void fail(const char* key, const char* why) {
    if (!bad_key_.empty()) return;
    bad_key_ = key;
    why_ = why;
  }

  const Json& in_;
  std::string bad_key_;
  const char* why_ = "";
};

template <typename Record>
Result<std::optional<RawRecord>> read_as(const Json& json) {
  Record record;
  Reader reader(json);
  visit_members(reader, record);
  CINESCRIBE_TRY(reader.status());
  return std::optional<RawRecord>(std::move(record));
}

template <std::size_t kIndex = 0>
Result<std::optional<RawRecord>> read_kind(const std::string& kind, const Json& json) {
  if constexpr (kIndex == std::variant_size_v<RawRecord>) {
    return std::optional<RawRecord>();
  } else {
    using Record = std::variant_alternative_t<kIndex, RawRecord>;
    return kind == kind_of<Record>() ? read_as<Record>(json) : read_kind<kIndex + 1>(kind, json);
  }
}

}  // namespace

std::string record_json(const RawRecord& record) {
  Json json = Json::object();
  std::visit(
      [&json](const auto& each) {
        using Record = std::decay_t<decltype(each)>;
        json["kind"] = kind_of<Record>();
        if constexpr (std::is_same_v<Record, SessionRecord>) json["record_version"] = kRecordVersion;
        Writer writer(json);
        visit_members(writer, each);
      },
      record);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<std::optional<RawRecord>> record_from_json(std::string_view line) {
  bool is_too_deep = false;
  const auto watch = [&is_too_deep](int depth, Json::parse_event_t, Json&) {
    is_too_deep = is_too_deep || depth > kDeepest;
    return !is_too_deep;
  };
  const Json json = Json::parse(line, watch, false);
  if (is_too_deep) return Error{ErrorCode::kInput, "nested too deep"};
  if (!json.is_object()) return Error{ErrorCode::kInput, "no JSON object"};
  const auto kind = json.find("kind");
  if (kind == json.end() || !kind->is_string()) return Error{ErrorCode::kInput, "no text under 'kind'"};
  if (const auto version = json.find("record_version"); version != json.end() && *version != kRecordVersion) {
    return Error{ErrorCode::kInput,
                 "record_version is not " + std::to_string(kRecordVersion) + "; use the cinescribe that measured this"};
  }
  return read_kind(kind->get_ref<const std::string&>(), json);
}

}  // namespace cinescribe::bench
