// Facts about the video and the language as JSON values.
#include <charconv>
#include <cstdint>
#include <string>
#include <system_error>

#include "cinescribe/results/json_values.h"

namespace cinescribe::results {

namespace {

/// "30000/1001", as the command line writes ratios everywhere.
std::string ratio_text(const Rational& ratio) { return std::to_string(ratio.num) + "/" + std::to_string(ratio.den); }

Status read_ratio(Members& members, const char* key, Rational& out) {
  std::string text;
  members.text(key, text);
  CINESCRIBE_TRY(members.status());
  const char* end = text.data() + text.size();
  const auto [slash, code] = std::from_chars(text.data(), end, out.num);
  if (code == std::errc() && slash != end && *slash == '/') {
    const auto [stopped, second] = std::from_chars(slash + 1, end, out.den);
    if (second == std::errc() && stopped == end) return {};
  }
  return Error{ErrorCode::kInput, std::string("the key '") + key + "' is no ratio such as 30000/1001"};
}

Json picture_value(const PictureFacts& picture) {
  return {{"codec", picture.codec},
          {"width", picture.width},
          {"height", picture.height},
          {"coded_width", picture.coded_width},
          {"coded_height", picture.coded_height},
          {"rotation_degrees", picture.rotation_degrees},
          {"sample_aspect", ratio_text(picture.sample_aspect)},
          {"frame_rate", ratio_text(picture.frame_rate)},
          {"is_variable_rate", picture.is_variable_rate},
          {"frame_count", picture.frame_count}};
}

Result<PictureFacts> picture_from(const Json& value) {
  Members members(value);
  PictureFacts picture;
  members.text("codec", picture.codec);
  members.integer("width", picture.width);
  members.integer("height", picture.height);
  members.integer("coded_width", picture.coded_width);
  members.integer("coded_height", picture.coded_height);
  members.integer("rotation_degrees", picture.rotation_degrees);
  members.boolean("is_variable_rate", picture.is_variable_rate);
  members.integer("frame_count", picture.frame_count);
  CINESCRIBE_TRY(members.status());
  CINESCRIBE_TRY(read_ratio(members, "sample_aspect", picture.sample_aspect));
  CINESCRIBE_TRY(read_ratio(members, "frame_rate", picture.frame_rate));
  return picture;
}

Json sound_value(const SoundFacts& sound) {
  return {{"codec", sound.codec},
          {"rate_hz", sound.rate_hz},
          {"channels", sound.channels},
          {"track", sound.track},
          {"language", sound.language}};
}

Result<SoundFacts> sound_from(const Json& value) {
  Members members(value);
  SoundFacts sound;
  members.text("codec", sound.codec);
  members.integer("rate_hz", sound.rate_hz);
  members.integer("channels", sound.channels);
  members.integer("track", sound.track);
  members.text("language", sound.language);
  CINESCRIBE_TRY(members.status());
  return sound;
}

}  // namespace

Json to_value(const VideoFacts& facts) {
  return {{"file_name", facts.file_name},
          {"size_bytes", facts.size_bytes},
          {"fingerprint", facts.fingerprint},
          {"container", facts.container},
          {"duration_seconds", exact_seconds(facts.duration.ns())},
          {"damaged_packets", facts.damaged_packets},
          {"picture", facts.picture ? picture_value(*facts.picture) : Json(nullptr)},
          {"sound", facts.sound ? sound_value(*facts.sound) : Json(nullptr)}};
}

Result<VideoFacts> video_facts_from(const Json& value) {
  Members members(value);
  VideoFacts facts;
  std::int64_t duration_ns = 0;
  members.text("file_name", facts.file_name);
  members.integer("size_bytes", facts.size_bytes);
  members.text("fingerprint", facts.fingerprint);
  members.text("container", facts.container);
  members.seconds("duration_seconds", duration_ns);
  members.integer("damaged_packets", facts.damaged_packets);
  CINESCRIBE_TRY(members.status());
  facts.duration = Duration::from_ns(duration_ns);
  if (const Json* picture = members.optional("picture")) {
    CINESCRIBE_ASSIGN(facts.picture, picture_from(*picture));
  }
  if (const Json* sound = members.optional("sound")) {
    CINESCRIBE_ASSIGN(facts.sound, sound_from(*sound));
  }
  return facts;
}

Json to_value(const SpokenLanguage& language) {
  return {{"code", language.code}, {"probability", language.probability}};
}

Result<SpokenLanguage> language_from(const Json& value) {
  Members members(value);
  SpokenLanguage language;
  members.text("code", language.code);
  members.number("probability", language.probability);
  CINESCRIBE_TRY(members.status());
  return language;
}

}  // namespace cinescribe::results
