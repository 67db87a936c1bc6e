// Scenes, segments and words as JSON values.
#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cinescribe/results/json_values.h"

namespace cinescribe::results {

namespace {

Json frame_number(std::int64_t frame) { return frame < 0 ? Json(nullptr) : Json(frame); }

Json word_value(const WordRecord& word) {
  return {{"start_seconds", exact_seconds(word.range.start.ns())},
          {"end_seconds", exact_seconds(word.range.end.ns())},
          {"text", word.text},
          {"probability", word.probability}};
}

Result<WordRecord> word_from(const Json& value) {
  Members members(value);
  WordRecord word;
  word.range = members.range();
  members.text("text", word.text);
  members.number("probability", word.probability);
  CINESCRIBE_TRY(members.status());
  return word;
}

/// Number of tracks of each label, the most frequent first.
Json object_counts(const std::vector<TrackRecord>& tracks) {
  std::map<std::string, int> counts;
  for (const TrackRecord& track : tracks) ++counts[track.label];
  std::vector<std::pair<std::string, int>> order(counts.begin(), counts.end());
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  Json value = Json::object();
  for (const auto& [label, count] : order) value[label] = count;
  return value;
}

}  // namespace

Json to_value(const SegmentRecord& segment) {
  Json words = Json::array();
  for (const WordRecord& word : segment.words) words.push_back(word_value(word));
  return {{"start_seconds", exact_seconds(segment.range.start.ns())},
          {"end_seconds", exact_seconds(segment.range.end.ns())},
          {"text", segment.text},
          {"avg_logprob", segment.avg_logprob},
          {"no_speech_prob", segment.no_speech_prob},
          {"compression_ratio", segment.compression_ratio},
          {"words", std::move(words)}};
}

Result<SegmentRecord> segment_from(const Json& value) {
  Members members(value);
  SegmentRecord segment;
  segment.range = members.range();
  members.text("text", segment.text);
  members.number("avg_logprob", segment.avg_logprob);
  members.number("no_speech_prob", segment.no_speech_prob);
  members.number("compression_ratio", segment.compression_ratio);
  for (const Json& item : members.array("words")) {
    CINESCRIBE_ASSIGN(WordRecord word, word_from(item));
    segment.words.push_back(std::move(word));
  }
  CINESCRIBE_TRY(members.status());
  return segment;
}

Json to_value(const SceneRecord& scene) {
  Json speech = Json::array();
  for (const SegmentRecord& segment : scene.speech) speech.push_back(to_value(segment));
  Json sounds = Json::array();
  for (const SoundRecord& sound : scene.sounds) sounds.push_back(to_value(sound));
  Json objects = Json::array();
  for (const TrackRecord& track : scene.objects) objects.push_back(to_value(track));
  return {{"scene_index", scene.scene_index},
          {"start_seconds", exact_seconds(scene.range.start.ns())},
          {"end_seconds", exact_seconds(scene.range.end.ns())},
          {"start_frame", frame_number(scene.start_frame)},
          {"end_frame", frame_number(scene.end_frame)},
          {"start_timecode", format_timecode(scene.range.start)},
          {"end_timecode", format_timecode(scene.range.end)},
          {"speech", std::move(speech)},
          {"frames", scene.frame_files},
          {"sounds", std::move(sounds)},
          {"objects", std::move(objects)},
          {"object_counts", object_counts(scene.objects)}};
}

Result<SceneRecord> scene_from(const Json& value) {
  Members members(value);
  SceneRecord scene;
  members.integer("scene_index", scene.scene_index);
  scene.range = members.range();
  scene.start_frame = -1;
  scene.end_frame = -1;
  if (members.optional("start_frame") != nullptr) members.integer("start_frame", scene.start_frame);
  if (members.optional("end_frame") != nullptr) members.integer("end_frame", scene.end_frame);
  for (const Json& item : members.array("speech")) {
    CINESCRIBE_ASSIGN(SegmentRecord segment, segment_from(item));
    scene.speech.push_back(std::move(segment));
  }
  for (const Json& item : members.array("frames")) {
    if (!item.is_string()) return Error{ErrorCode::kInput, "the key 'frames' holds something that is no file name"};
    scene.frame_files.push_back(item.get<std::string>());
  }
  for (const Json& item : members.optional_array("sounds")) {
    CINESCRIBE_ASSIGN(SoundRecord sound, tag_from(item));
    scene.sounds.push_back(std::move(sound));
  }
  for (const Json& item : members.optional_array("objects")) {
    CINESCRIBE_ASSIGN(TrackRecord track, track_from(item));
    scene.objects.push_back(std::move(track));
  }
  CINESCRIBE_TRY(members.status());
  return scene;
}

}  // namespace cinescribe::results
