// What is heard, as JSON values.
#include <cmath>
#include <string>
#include <utility>

#include "cinescribe/results/json_values.h"

namespace cinescribe::results {

namespace {

/// Scores are told to a millionth.
double score(double value) { return std::nearbyint(value * 1e6) / 1e6; }

Json span_value(const SoundSpan& span) {
  return {{"start_seconds", exact_seconds(span.range.start.ns())},
          {"end_seconds", exact_seconds(span.range.end.ns())},
          {"label", span.label},
          {"max_score", score(span.max_score)}};
}

Result<SoundSpan> span_from(const Json& value) {
  Members members(value);
  SoundSpan span;
  span.range = members.range();
  members.text("label", span.label);
  members.number("max_score", span.max_score);
  CINESCRIBE_TRY(members.status());
  return span;
}

}  // namespace

Json to_value(const SoundRecord& sound) {
  return {{"label", sound.label}, {"max_score", score(sound.max_score)}, {"mean_score", score(sound.mean_score)}};
}

Result<SoundRecord> tag_from(const Json& value) {
  Members members(value);
  SoundRecord sound;
  members.text("label", sound.label);
  members.number("max_score", sound.max_score);
  members.number("mean_score", sound.mean_score);
  CINESCRIBE_TRY(members.status());
  return sound;
}

Json to_value(const SoundUnit& unit) {
  Json tags = Json::array();
  for (const SoundRecord& tag : unit.tags) tags.push_back(to_value(tag));
  Json time_line = Json::array();
  for (const SoundSpan& span : unit.time_line) time_line.push_back(span_value(span));
  return {{"scene_index", unit.scene_index},
          {"windows", unit.windows},
          {"tags", std::move(tags)},
          {"time_line", std::move(time_line)}};
}

Result<SoundUnit> sound_unit_from(const Json& value) {
  Members members(value);
  SoundUnit unit;
  members.integer("scene_index", unit.scene_index);
  members.integer("windows", unit.windows);
  for (const Json& item : members.array("tags")) {
    CINESCRIBE_ASSIGN(SoundRecord tag, tag_from(item));
    unit.tags.push_back(std::move(tag));
  }
  for (const Json& item : members.array("time_line")) {
    CINESCRIBE_ASSIGN(SoundSpan span, span_from(item));
    unit.time_line.push_back(std::move(span));
  }
  CINESCRIBE_TRY(members.status());
  return unit;
}

}  // namespace cinescribe::results
