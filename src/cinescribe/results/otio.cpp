#include "cinescribe/results/otio.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

namespace cinescribe::results {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kPieceBytes = 65536;

Json rational_time(std::int64_t frames, double rate) {
  return {{"OTIO_SCHEMA", "RationalTime.1"}, {"rate", rate}, {"value", static_cast<double>(frames)}};
}

Json time_range(std::int64_t start, std::int64_t end, double rate) {
  return {{"OTIO_SCHEMA", "TimeRange.1"},
          {"duration", rational_time(end - start, rate)},
          {"start_time", rational_time(start, rate)}};
}

Json clip(const SceneRecord& scene, const OtioSource& source, std::int64_t total_frames, double rate) {
  const Json reference = {{"OTIO_SCHEMA", "ExternalReference.1"},
                          {"metadata", Json::object()},
                          {"name", ""},
                          {"available_range", time_range(0, total_frames, rate)},
                          {"target_url", source.target_url}};
  return {{"OTIO_SCHEMA", "Clip.1"},
          {"metadata", {{"cinescribe", {{"scene_index", scene.scene_index}}}}},
          {"name", "scene " + std::to_string(scene.scene_index)},
          {"source_range", time_range(scene.start_frame, scene.end_frame, rate)},
          {"effects", Json::array()},
          {"markers", Json::array()},
          {"enabled", true},
          {"media_reference", reference}};
}

Json timeline(const OtioSource& source, Json clips) {
  const Json track = {{"OTIO_SCHEMA", "Track.1"}, {"metadata", Json::object()},   {"name", "scenes"},
                      {"source_range", nullptr},  {"effects", Json::array()},     {"markers", Json::array()},
                      {"enabled", true},          {"children", std::move(clips)}, {"kind", "Video"}};
  const Json stack = {{"OTIO_SCHEMA", "Stack.1"}, {"metadata", Json::object()},      {"name", "tracks"},
                      {"source_range", nullptr},  {"effects", Json::array()},        {"markers", Json::array()},
                      {"enabled", true},          {"children", Json::array({track})}};
  return {{"OTIO_SCHEMA", "Timeline.1"},
          {"metadata", Json::object()},
          {"name", source.name},
          {"global_start_time", nullptr},
          {"tracks", stack}};
}

std::string text_of(const Json& value) { return value.dump(2, ' ', false, Json::error_handler_t::replace); }

/// A value's text as it stands in a document, with `start` (a line break and blanks) before its later lines.
void append(std::string& text, std::string_view value, std::string_view start) {
  for (const char c : value) {
    if (c == '\n') {
      text += start;
    } else {
      text += c;
    }
  }
}

}  // namespace

Status write_otio(const std::vector<SceneRecord>& scenes, const OtioSource& source, const TextSink& out) {
  if (!source.frame_rate.is_known()) {
    return Error{ErrorCode::kInput, "cannot write a timeline for " + source.target_url +
                                        ": its frame rate is unknown; choose CSV or JSON"};
  }
  if (scenes.empty()) return out(text_of(timeline(source, Json::array())) + "\n");
  // All clips at once would be thousands of bytes each. No other null than this one ends a line, and no text in JSON
  // holds a line break.
  const std::string around = text_of(timeline(source, Json::array({nullptr}))) + "\n";
  const std::size_t place = around.find("null\n");
  const std::size_t line = around.rfind('\n', place);
  const std::string start = around.substr(line, place - line);
  const double rate = source.frame_rate.value();
  std::string text = around.substr(0, place);
  for (const SceneRecord& scene : scenes) {
    if (&scene != scenes.data()) text += "," + start;
    append(text, text_of(clip(scene, source, scenes.back().end_frame, rate)), start);
    if (text.size() < kPieceBytes) continue;
    CINESCRIBE_TRY(out(text));
    text.clear();
  }
  return out(text + around.substr(place + 4));
}

}  // namespace cinescribe::results
