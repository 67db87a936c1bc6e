#pragma once

#include <nlohmann/json.hpp>

#include "cinescribe/core/status.h"
#include "cinescribe/results/base_data.h"
#include "cinescribe/results/records.h"

/// Records as nlohmann values. Private to this room: other rooms use record_json.h.
namespace cinescribe::results {

using Json = nlohmann::ordered_json;

/// Text without line breaks; bytes that are no UTF-8 become U+FFFD.
std::string dump(const Json& value);
/// Text for people: two spaces per level, lists of plain values on one line. `margin` stands before every line but the
/// first.
std::string pretty(const Json& value, const std::string& margin = {});

/// Seconds whose shortest decimal form is exact to the nanosecond.
double exact_seconds(std::int64_t ns);

Json to_value(const SceneRecord& scene);
Json to_value(const SegmentRecord& segment);
Json to_value(const SoundRecord& sound);
Json to_value(const TrackRecord& track);
Json to_value(const SoundUnit& unit);
Json to_value(const ObjectUnit& unit);
Json to_value(const VideoFacts& facts);
Json to_value(const SpokenLanguage& language);

Result<SceneRecord> scene_from(const Json& value);
Result<SegmentRecord> segment_from(const Json& value);
Result<SoundRecord> tag_from(const Json& value);
Result<TrackRecord> track_from(const Json& value);
Result<SoundUnit> sound_unit_from(const Json& value);
Result<ObjectUnit> object_unit_from(const Json& value);
Result<VideoFacts> video_facts_from(const Json& value);
Result<SpokenLanguage> language_from(const Json& value);

/// Reads members of one JSON object and remembers the first that is missing or of the wrong kind.
class Members {
 public:
  explicit Members(const Json& object) : object_(object) {}

  void text(const char* key, std::string& out) {
    if (const Json* value = find(key, Json::value_t::string)) out = *value->get_ptr<const std::string*>();
  }
  void number(const char* key, double& out) {
    if (const Json* value = find_number(key)) out = value->get<double>();
  }
  template <typename Integer>
  void integer(const char* key, Integer& out) {
    const Json* value = find_number(key);
    if (value == nullptr) return;
    if (!value->is_number_integer()) return fail(key);
    out = value->get<Integer>();
  }
  void boolean(const char* key, bool& out) {
    if (const Json* value = find(key, Json::value_t::boolean)) out = value->get<bool>();
  }
  void seconds(const char* key, std::int64_t& ns);
  TimeRange range();
  /// The array under `key`, or an empty one.
  const Json& array(const char* key);
  /// The same for a key that may be missing.
  const Json& optional_array(const char* key);
  /// The value under `key` where it is there and not null.
  const Json* optional(const char* key) const;

  [[nodiscard]] Status status() const;

 private:
  const Json* find(const char* key, Json::value_t kind);
  const Json* find_number(const char* key);
  void fail(const char* key) {
    if (bad_key_ == nullptr) bad_key_ = key;
  }

  const Json& object_;
  const char* bad_key_ = nullptr;
};

/// Whether a file's top object is of the layout that this program reads; `remedy` says what to do otherwise.
/// Errors: kInput.
Status check_schema_version(Members& root, const char* remedy);

}  // namespace cinescribe::results
