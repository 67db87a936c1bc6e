#include "cinescribe/results/record_json.h"

#include "cinescribe/results/json_values.h"

namespace cinescribe::results {

namespace {

Result<Json> parse(std::string_view text) {
  Json value = Json::parse(text.begin(), text.end(), nullptr, false);
  if (value.is_discarded()) return Error{ErrorCode::kInput, "this is no valid JSON"};
  return value;
}

}  // namespace

std::string scene_json(const SceneRecord& scene) { return dump(to_value(scene)); }
std::string segment_json(const SegmentRecord& segment) { return dump(to_value(segment)); }
std::string sound_unit_json(const SoundUnit& unit) { return dump(to_value(unit)); }
std::string object_unit_json(const ObjectUnit& unit) { return dump(to_value(unit)); }
std::string video_facts_json(const VideoFacts& facts) { return dump(to_value(facts)); }
std::string language_json(const SpokenLanguage& language) { return dump(to_value(language)); }

Result<SceneRecord> scene_from_json(std::string_view text) {
  CINESCRIBE_ASSIGN(const Json value, parse(text));
  return scene_from(value);
}

Result<SegmentRecord> segment_from_json(std::string_view text) {
  CINESCRIBE_ASSIGN(const Json value, parse(text));
  return segment_from(value);
}

Result<SoundUnit> sound_unit_from_json(std::string_view text) {
  CINESCRIBE_ASSIGN(const Json value, parse(text));
  return sound_unit_from(value);
}

Result<ObjectUnit> object_unit_from_json(std::string_view text) {
  CINESCRIBE_ASSIGN(const Json value, parse(text));
  return object_unit_from(value);
}

Result<VideoFacts> video_facts_from_json(std::string_view text) {
  CINESCRIBE_ASSIGN(const Json value, parse(text));
  return video_facts_from(value);
}

Result<SpokenLanguage> language_from_json(std::string_view text) {
  CINESCRIBE_ASSIGN(const Json value, parse(text));
  return language_from(value);
}

}  // namespace cinescribe::results
