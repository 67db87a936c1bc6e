#include "cinescribe/results/otio.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace cinescribe::results {
namespace {

using Json = nlohmann::ordered_json;

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

}  // namespace

Result<std::string> to_otio(const std::vector<SceneRecord>& scenes, const OtioSource& source) {
  if (!source.frame_rate.is_known()) {
    return Error{ErrorCode::kInput, "cannot write a timeline for " + source.target_url +
                                        ": its frame rate is unknown; choose CSV or JSON"};
  }
  const double rate = source.frame_rate.value();
  const std::int64_t total = scenes.empty() ? 0 : scenes.back().end_frame;
  Json clips = Json::array();
  for (const SceneRecord& scene : scenes) clips.push_back(clip(scene, source, total, rate));
  const Json track = {{"OTIO_SCHEMA", "Track.1"}, {"metadata", Json::object()}, {"name", "scenes"},
                      {"source_range", nullptr},  {"effects", Json::array()},   {"markers", Json::array()},
                      {"enabled", true},          {"children", clips},          {"kind", "Video"}};
  const Json stack = {{"OTIO_SCHEMA", "Stack.1"}, {"metadata", Json::object()},      {"name", "tracks"},
                      {"source_range", nullptr},  {"effects", Json::array()},        {"markers", Json::array()},
                      {"enabled", true},          {"children", Json::array({track})}};
  const Json timeline = {{"OTIO_SCHEMA", "Timeline.1"},
                         {"metadata", Json::object()},
                         {"name", source.name},
                         {"global_start_time", nullptr},
                         {"tracks", stack}};
  return timeline.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace cinescribe::results
