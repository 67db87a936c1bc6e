// What is seen, as JSON values.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "cinescribe/results/json_values.h"

namespace cinescribe::results {

namespace {

/// Scores and shares are told to a millionth, places to a thousandth of a pixel.
double score(double value) { return std::nearbyint(value * 1e6) / 1e6; }
double pixels(double value) { return std::nearbyint(value * 1e3) / 1e3; }

/// A list of exactly N numbers.
template <std::size_t N>
Result<std::array<double, N>> numbers_from(const Json& value, const char* key) {
  std::array<double, N> numbers{};
  const bool fits = value.is_array() && value.size() == N &&
                    std::all_of(value.begin(), value.end(), [](const Json& item) { return item.is_number(); });
  if (!fits) {
    return Error{ErrorCode::kInput, "the key '" + std::string(key) + "' holds something else than lists of " +
                                        std::to_string(N) + " numbers"};
  }
  for (std::size_t i = 0; i < N; ++i) numbers[i] = value[i].template get<double>();
  return numbers;
}

Json box_value(const BoxRecord& box) {
  return {box.track_id,       box.class_id,       score(box.score),  pixels(box.box[0]),
          pixels(box.box[1]), pixels(box.box[2]), pixels(box.box[3])};
}

Result<BoxRecord> box_from(const Json& value) {
  CINESCRIBE_ASSIGN(const auto numbers, numbers_from<7>(value, "boxes"));
  constexpr double kLargestId = 9e15;  // whole numbers up to here are exact
  if (!(std::abs(numbers[0]) <= kLargestId) || !(std::abs(numbers[1]) <= std::numeric_limits<std::int32_t>::max())) {
    return Error{ErrorCode::kInput, "the key 'boxes' holds an id that is out of range"};
  }
  BoxRecord box;
  box.track_id = static_cast<std::int64_t>(numbers[0]);
  box.class_id = static_cast<std::int32_t>(numbers[1]);
  box.score = numbers[2];
  std::copy(numbers.begin() + 3, numbers.end(), box.box.begin());
  return box;
}

Result<FrameBoxes> frame_from(const Json& value) {
  Members members(value);
  FrameBoxes frame;
  std::int64_t time = 0;
  members.integer("frame", frame.frame);
  members.seconds("time_seconds", time);
  frame.time = Timestamp::from_ns(time);
  for (const Json& item : members.array("boxes")) {
    CINESCRIBE_ASSIGN(const BoxRecord box, box_from(item));
    frame.boxes.push_back(box);
  }
  CINESCRIBE_TRY(members.status());
  return frame;
}

}  // namespace

Json to_value(const TrackRecord& track) {
  Json path = Json::array();
  for (const auto& point : track.path) {
    path.push_back({point[0], pixels(point[1]), pixels(point[2]), pixels(point[3]), pixels(point[4])});
  }
  return {{"track_id", track.track_id},
          {"label", track.label},
          {"start_seconds", exact_seconds(track.range.start.ns())},
          {"end_seconds", exact_seconds(track.range.end.ns())},
          {"sightings", track.sightings},
          {"mean_score", score(track.mean_score)},
          {"screen_share", score(track.screen_share)},
          {"path", std::move(path)}};
}

Result<TrackRecord> track_from(const Json& value) {
  Members members(value);
  TrackRecord track;
  members.integer("track_id", track.track_id);
  members.text("label", track.label);
  track.range = members.range();
  members.integer("sightings", track.sightings);
  members.number("mean_score", track.mean_score);
  members.number("screen_share", track.screen_share);
  for (const Json& item : members.array("path")) {
    CINESCRIBE_ASSIGN(const auto point, numbers_from<5>(item, "path"));
    track.path.push_back(point);
  }
  CINESCRIBE_TRY(members.status());
  return track;
}

Json to_value(const ObjectUnit& unit) {
  Json frames = Json::array();
  for (const FrameBoxes& frame : unit.frames) {
    Json boxes = Json::array();
    for (const BoxRecord& box : frame.boxes) boxes.push_back(box_value(box));
    frames.push_back(
        {{"frame", frame.frame}, {"time_seconds", exact_seconds(frame.time.ns())}, {"boxes", std::move(boxes)}});
  }
  return {{"frames", std::move(frames)}};
}

Result<ObjectUnit> object_unit_from(const Json& value) {
  Members members(value);
  ObjectUnit unit;
  for (const Json& item : members.array("frames")) {
    CINESCRIBE_ASSIGN(FrameBoxes frame, frame_from(item));
    unit.frames.push_back(std::move(frame));
  }
  CINESCRIBE_TRY(members.status());
  return unit;
}

}  // namespace cinescribe::results
