#include "cinescribe/pipeline/unit_resume.h"

#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include <nlohmann/json.hpp>

#include "cinescribe/results/record_json.h"

namespace cinescribe::pipeline {

namespace {

using Json = nlohmann::ordered_json;

Error damaged() {
  return {ErrorCode::kInternal, "the journal does not tell how to go on; run the command again with --force"};
}

std::string dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// Puts a further key at the end of an object's text.
std::string with_resume(std::string object, const std::string& resume) {
  object.pop_back();
  if (object.size() > 1) object += ',';
  return object + "\"resume\":" + resume + "}";
}

/// The object under "resume"; null where there is none.
Json resume_of(std::string_view unit) {
  const Json value = Json::parse(unit.begin(), unit.end(), nullptr, false);
  if (!value.is_object() || !value.contains("resume") || !value["resume"].is_object()) return nullptr;
  return value["resume"];
}

template <typename Number>
void append(std::string& text, Number value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  text.append(digits.data(), end.ptr);
}

/// Reads a number and the character behind it.
template <typename Number>
bool take(const char*& at, const char* end, Number& value, char& behind) {
  const auto read = std::from_chars(at, end, value);
  if (read.ec != std::errc() || read.ptr == end) return false;
  behind = *read.ptr;
  at = read.ptr + 1;
  return true;
}

}  // namespace

std::string speech_unit_json(const speech::SpokenWindow& window, const std::vector<results::SegmentRecord>& segments) {
  std::string unit = "{\"segments\":[";
  for (const results::SegmentRecord& segment : segments) {
    if (&segment != segments.data()) unit += ',';
    unit += results::segment_json(segment);
  }
  const Json resume = {{"window", window.index},
                       {"end_sample", window.end_sample},
                       {"language", {{"code", window.language.code}, {"probability", window.language.probability}}}};
  return with_resume(unit + "]}", dump(resume));
}

Result<speech::TranscribedPart> transcribed_part(std::string_view unit) {
  const Json resume = resume_of(unit);
  speech::TranscribedPart part;
  try {
    part.windows = resume.at("window").get<std::int64_t>() + 1;
    part.end_sample = resume.at("end_sample").get<std::int64_t>();
    part.language.code = resume.at("language").at("code").get<std::string>();
    part.language.probability = resume.at("language").at("probability").get<double>();
  } catch (const Json::exception&) {
    return damaged();
  }
  if (part.windows < 1) return damaged();
  return part;
}

Result<std::optional<results::SegmentRecord>> SegmentCursor::next() {
  while (taken_ == segments_.size()) {
    CINESCRIBE_ASSIGN(const std::optional<std::string> unit, units_.next());
    if (!unit) return std::optional<results::SegmentRecord>();
    segments_.clear();
    taken_ = 0;
    const Json value = Json::parse(*unit, nullptr, false);
    if (!value.is_object() || !value.contains("segments")) {
      CINESCRIBE_ASSIGN(results::SegmentRecord segment, results::segment_from_json(*unit));
      segments_.push_back(std::move(segment));
      continue;
    }
    for (const Json& each : value["segments"]) {
      CINESCRIBE_ASSIGN(results::SegmentRecord segment, results::segment_from_json(each.dump()));
      segments_.push_back(std::move(segment));
    }
  }
  return std::optional<results::SegmentRecord>(std::move(segments_[taken_++]));
}

std::string sound_unit_json(const results::SoundUnit& unit, const std::vector<sounds::TimedTag>& open) {
  Json entries = Json::array();
  for (const sounds::TimedTag& tag : open) {
    entries.push_back({tag.label_index, tag.range.start.ns(), tag.range.end.ns(), tag.max_score});
  }
  return with_resume(results::sound_unit_json(unit), dump({{"open", std::move(entries)}}));
}

Result<std::vector<sounds::TimedTag>> open_sounds(std::string_view unit, std::size_t labels) {
  const Json resume = resume_of(unit);
  std::vector<sounds::TimedTag> open;
  try {
    for (const Json& entry : resume.at("open")) {
      sounds::TimedTag tag;
      tag.label_index = entry.at(0).get<int>();
      tag.range = {Timestamp::from_ns(entry.at(1).get<std::int64_t>()),
                   Timestamp::from_ns(entry.at(2).get<std::int64_t>())};
      tag.max_score = entry.at(3).get<double>();
      if (tag.label_index < 0 || static_cast<std::size_t>(tag.label_index) >= labels) return damaged();
      open.push_back(tag);
    }
  } catch (const Json::exception&) {
    return damaged();
  }
  return open;
}

std::string object_unit_json(const results::ObjectUnit& unit,
                             const std::vector<std::vector<objects::Detection>>& seen) {
  std::string text;
  for (const auto& picture : seen) {
    for (const objects::Detection& found : picture) {
      if (&found != picture.data()) text += ' ';
      append(text, found.class_id);
      for (const float value : {found.score, found.box.x1, found.box.y1, found.box.x2, found.box.y2}) {
        text += ',';
        append(text, value);
      }
    }
    text += ';';
  }
  return with_resume(results::object_unit_json(unit), dump({{"seen", text}}));
}

Result<std::vector<std::vector<objects::Detection>>> seen_objects(std::string_view unit) {
  const Json resume = resume_of(unit);
  if (!resume.is_object() || !resume.contains("seen") || !resume["seen"].is_string()) return damaged();
  const auto& text = resume["seen"].get_ref<const std::string&>();
  std::vector<std::vector<objects::Detection>> seen;
  std::vector<objects::Detection> picture;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    if (*at == ';') {
      seen.push_back(std::exchange(picture, {}));
      ++at;
      continue;
    }
    objects::Detection found;
    char behind = 0;
    bool is_good = take(at, end, found.class_id, behind) && behind == ',';
    for (float* value : {&found.score, &found.box.x1, &found.box.y1, &found.box.x2}) {
      is_good = is_good && take(at, end, *value, behind) && behind == ',';
    }
    is_good = is_good && take(at, end, found.box.y2, behind) && (behind == ' ' || behind == ';');
    if (!is_good) return damaged();
    picture.push_back(found);
    if (behind == ';') seen.push_back(std::exchange(picture, {}));
  }
  if (!picture.empty()) return damaged();
  return seen;
}

}  // namespace cinescribe::pipeline
