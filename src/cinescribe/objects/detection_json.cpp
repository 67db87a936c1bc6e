#include "cinescribe/objects/detection_json.h"

#include <cmath>
#include <map>

#include <nlohmann/json.hpp>

namespace cinescribe::objects {

namespace {

using Json = nlohmann::json;
constexpr std::size_t kMaxBoxesPerFrame = 5000;

Error bad(const std::string& name, const std::string& what) {
  return {ErrorCode::kInput, "cannot read detections from " + name + ": " + what};
}

/// Numbers its labels in the order in which they first occur.
class Labels {
 public:
  explicit Labels(std::vector<std::string>& names) : names_(names) {}
  std::int32_t id(const std::string& label) {
    const auto [entry, is_new] = ids_.try_emplace(label, static_cast<std::int32_t>(names_.size()));
    if (is_new) names_.push_back(label);
    return entry->second;
  }

 private:
  std::vector<std::string>& names_;
  std::map<std::string, std::int32_t> ids_;
};

bool read_box(const Json& value, Box& box) {
  if (!value.is_array() || value.size() < 4) return false;
  for (std::size_t i = 0; i < 4; ++i) {
    if (!value[i].is_number()) return false;
  }
  box = {value[0].get<float>(), value[1].get<float>(), value[2].get<float>(), value[3].get<float>()};
  return true;
}

std::int32_t whole_number(const Json& value) {
  if (!value.is_number()) return -1;
  const double number = value.get<double>();
  return number >= 0 && number <= 1e9 ? static_cast<std::int32_t>(number) : -1;
}

Result<Detection> read_object(const Json& object, const std::string& name, const std::string& where, Labels& labels) {
  Detection d;
  if (!object.is_object() || !object.contains("box") || !read_box(object["box"], d.box)) {
    return bad(name, where + " has no \"box\": [x1, y1, x2, y2]");
  }
  if (!object.contains("score") || !object["score"].is_number()) return bad(name, where + " has no \"score\"");
  d.score = object["score"].get<float>();
  if (object.contains("label") && object["label"].is_string()) {
    d.class_id = labels.id(object["label"].get<std::string>());
  } else {
    d.class_id = object.contains("class_id") ? whole_number(object["class_id"]) : -1;
  }
  return d;
}

Result<DetectionSequence> from_frames(const Json& frames, const std::string& name, double frame_rate_hz) {
  DetectionSequence sequence;
  Labels labels(sequence.labels);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const Json& source = frames[i];
    const std::string where = "frames[" + std::to_string(i) + "]";
    if (!source.is_object() || !source.contains("objects") || !source["objects"].is_array()) {
      return bad(name, where + " has no \"objects\" list");
    }
    DetectionFrame frame;
    frame.frame = static_cast<std::int64_t>(i) + 1;
    if (source.contains("frame") && source["frame"].is_number_integer()) {
      const auto number = source["frame"].get<std::int64_t>();
      if (number < 0 || number > 1'000'000'000'000) return bad(name, where + " has an impossible \"frame\"");
      frame.frame = number + 1;
    }
    frame.time = Timestamp::from_seconds(static_cast<double>(frame.frame - 1) / frame_rate_hz);
    if (source.contains("time_seconds") && source["time_seconds"].is_number()) {
      frame.time = Timestamp::from_seconds(source["time_seconds"].get<double>());
    }
    if (!sequence.frames.empty() && frame.frame <= sequence.frames.back().frame) {
      return bad(name, where + " is not later than the frame before it");
    }
    if (source["objects"].size() > kMaxBoxesPerFrame) return bad(name, where + " has more than 5000 objects");
    for (std::size_t j = 0; j < source["objects"].size(); ++j) {
      CINESCRIBE_ASSIGN(auto detection,
                        read_object(source["objects"][j], name, where + ".objects[" + std::to_string(j) + "]", labels));
      frame.detections.push_back(detection);
    }
    sequence.frames.push_back(std::move(frame));
  }
  return sequence;
}

Result<DetectionSequence> from_lists(const Json& lists, const std::string& name, double frame_rate_hz) {
  DetectionSequence sequence;
  for (std::size_t i = 0; i < lists.size(); ++i) {
    DetectionFrame frame;
    frame.frame = static_cast<std::int64_t>(i) + 1;
    frame.time = Timestamp::from_seconds(static_cast<double>(i) / frame_rate_hz);
    if (!lists[i].is_array() || lists[i].size() > kMaxBoxesPerFrame) {
      return bad(name, "detections[" + std::to_string(i) + "] is no list of at most 5000 rows");
    }
    for (const auto& row : lists[i]) {
      Detection d;
      if (!read_box(row, d.box) || row.size() < 5 || !row[4].is_number()) {
        return bad(name, "detections[" + std::to_string(i) + "] has a row that is not [x1, y1, x2, y2, score, class]");
      }
      d.score = row[4].get<float>();
      d.class_id = row.size() > 5 ? whole_number(row[5]) : -1;
      frame.detections.push_back(d);
    }
    sequence.frames.push_back(std::move(frame));
  }
  return sequence;
}

}  // namespace

Result<DetectionSequence> parse_detection_json(std::string_view text, const std::string& name, double frame_rate_hz) {
  const Json root = Json::parse(text, nullptr, false);
  if (root.is_discarded()) return bad(name, "it is no valid JSON");
  if (root.is_object() && root.contains("frames") && root["frames"].is_array()) {
    return from_frames(root["frames"], name, frame_rate_hz);
  }
  if (root.is_object() && root.contains("detections") && root["detections"].is_array()) {
    return from_lists(root["detections"], name, frame_rate_hz);
  }
  return bad(name,
             "found neither a \"frames\" list as `cinescribe objects --json` writes it nor a \"detections\" list");
}

}  // namespace cinescribe::objects
