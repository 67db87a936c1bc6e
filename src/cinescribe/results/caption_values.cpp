#include "cinescribe/results/caption_values.h"

#include <string>
#include <utility>

#include "cinescribe/results/base_data.h"
#include "cinescribe/results/caption_json.h"

namespace cinescribe::results {

namespace {

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

void optional_text(Members& members, const char* key, std::string& out) {
  if (members.optional(key) != nullptr) members.text(key, out);
}

Json flags_value(const CaptionRecord& record) {
  return {{"suspect", text_or_null(record.suspect)},
          {"over_context", record.is_over_context},
          {"fewer_frames", record.frames_used < record.frames_given}};
}

Json frames_value(const CaptionRecord& record) {
  Json frames = Json::array();
  for (const CaptionFrame& frame : record.frames) {
    frames.push_back({{"time_seconds", exact_seconds(frame.time.ns())}, {"sha256", frame.sha256}});
  }
  return frames;
}

Json failure_value(const CaptionFailure& failure) {
  Json value = {{"code", failure.code}, {"message", failure.message}};
  if (!failure.lost_to.empty()) value["lost_to"] = failure.lost_to;
  return value;
}

Json cost_value(const CaptionCost& cost) {
  Json value = {{"elapsed_seconds", cost.elapsed_seconds},
                {"preprocess_seconds", cost.preprocess_seconds},
                {"encode_seconds", cost.encode_seconds},
                {"prefill_seconds", cost.prefill_seconds},
                {"decode_seconds", cost.decode_seconds}};
  if (cost.attempts > 1) value["attempts"] = cost.attempts;
  return value;
}

Status read_made_from(const Json& value, CaptionRecord& record) {
  Members members(value);
  members.integer("frames_given", record.frames_given);
  members.integer("frames_used", record.frames_used);
  optional_text(members, "prompt_sha256", record.prompt_sha256);
  for (const Json& item : members.array("frames")) {
    Members frame(item);
    CaptionFrame picture;
    std::int64_t time_ns = 0;
    frame.seconds("time_seconds", time_ns);
    frame.text("sha256", picture.sha256);
    CINESCRIBE_TRY(frame.status());
    picture.time = Timestamp::from_ns(time_ns);
    record.frames.push_back(std::move(picture));
  }
  return members.status();
}

Status read_cost(const Json& value, CaptionCost& cost) {
  Members members(value);
  members.number("elapsed_seconds", cost.elapsed_seconds);
  members.number("preprocess_seconds", cost.preprocess_seconds);
  members.number("encode_seconds", cost.encode_seconds);
  members.number("prefill_seconds", cost.prefill_seconds);
  members.number("decode_seconds", cost.decode_seconds);
  if (members.optional("attempts") != nullptr) members.integer("attempts", cost.attempts);
  return members.status();
}

const Json& object_under(const Members& members, const char* key) {
  static const Json kNone;
  const Json* value = members.optional(key);
  return value != nullptr ? *value : kNone;
}

}  // namespace

Json to_value(const CaptionRecord& record) {
  const Json error = record.failure ? failure_value(*record.failure) : Json(nullptr);
  return {{"scene_index", record.scene_index},
          {"start_seconds", exact_seconds(record.range.start.ns())},
          {"end_seconds", exact_seconds(record.range.end.ns())},
          {"start_timecode", format_timecode(record.range.start)},
          {"end_timecode", format_timecode(record.range.end)},
          {"caption", record.failure ? Json(nullptr) : Json(record.caption)},
          {"error", error},
          {"tokens",
           {{"prompt", record.prompt_tokens}, {"image", record.image_tokens}, {"generated", record.generated_tokens}}},
          {"finish_reason", text_or_null(record.finish_reason)},
          {"avg_logprob", record.average_logprob ? Json(*record.average_logprob) : Json(nullptr)},
          {"flags", flags_value(record)},
          {"made_from",
           {{"frames_given", record.frames_given},
            {"frames_used", record.frames_used},
            {"frames", frames_value(record)},
            {"prompt_sha256", text_or_null(record.prompt_sha256)}}},
          {"timings", cost_value(record.cost)}};
}

Result<CaptionRecord> caption_from(const Json& value) {
  Members members(value);
  CaptionRecord record;
  std::int64_t start = 0;
  std::int64_t end = 0;
  members.integer("scene_index", record.scene_index);
  members.seconds("start_seconds", start);
  members.seconds("end_seconds", end);
  record.range = {Timestamp::from_ns(start), Timestamp::from_ns(end)};
  optional_text(members, "caption", record.caption);
  optional_text(members, "finish_reason", record.finish_reason);
  if (members.optional("avg_logprob") != nullptr) {
    double value_read = 0.0;
    members.number("avg_logprob", value_read);
    record.average_logprob = value_read;
  }
  CINESCRIBE_TRY(members.status());
  if (const Json* error = members.optional("error")) {
    Members failure(*error);
    record.failure.emplace();
    failure.text("code", record.failure->code);
    failure.text("message", record.failure->message);
    optional_text(failure, "lost_to", record.failure->lost_to);
    CINESCRIBE_TRY(failure.status());
  }
  Members tokens(object_under(members, "tokens"));
  tokens.integer("prompt", record.prompt_tokens);
  tokens.integer("image", record.image_tokens);
  tokens.integer("generated", record.generated_tokens);
  CINESCRIBE_TRY(tokens.status());
  Members flags(object_under(members, "flags"));
  optional_text(flags, "suspect", record.suspect);
  flags.boolean("over_context", record.is_over_context);
  CINESCRIBE_TRY(flags.status());
  CINESCRIBE_TRY(read_made_from(object_under(members, "made_from"), record));
  CINESCRIBE_TRY(read_cost(object_under(members, "timings"), record.cost));
  return record;
}

Json to_value(const CaptionHeader& header) {
  Json settings = Json::parse(header.settings_json, nullptr, false);
  if (!settings.is_object()) settings = Json::object();
  const CaptionerRecord& captioner = header.captioner;
  return {{"schema_version", kSchemaVersion},
          {"video",
           {{"file_name", header.file_name},
            {"fingerprint", header.fingerprint},
            {"duration_seconds", exact_seconds(header.duration.ns())}}},
          {"captioner",
           {{"name", captioner.name},
            {"family", captioner.family},
            {"is_vlm", captioner.is_vlm},
            {"type", text_or_null(captioner.type)},
            {"sha256", text_or_null(captioner.sha256)},
            {"is_synthetic", captioner.is_synthetic}}},
          {"made_from",
           {{"scenes_sha256", header.scenes_sha256},
            {"prompt", text_or_null(header.prompt)},
            {"prompt_sha256", text_or_null(header.prompt_sha256)}}},
          {"settings", std::move(settings)}};
}

Result<CaptionHeader> caption_header_from(const Json& root) {
  Members members(root);
  CINESCRIBE_TRY(check_schema_version(members, "caption the video again"));
  CaptionHeader header;
  std::int64_t duration_ns = 0;
  Members video(object_under(members, "video"));
  video.text("file_name", header.file_name);
  video.text("fingerprint", header.fingerprint);
  video.seconds("duration_seconds", duration_ns);
  CINESCRIBE_TRY(video.status());
  header.duration = Duration::from_ns(duration_ns);
  Members captioner(object_under(members, "captioner"));
  captioner.text("name", header.captioner.name);
  captioner.text("family", header.captioner.family);
  captioner.boolean("is_vlm", header.captioner.is_vlm);
  optional_text(captioner, "type", header.captioner.type);
  optional_text(captioner, "sha256", header.captioner.sha256);
  captioner.boolean("is_synthetic", header.captioner.is_synthetic);
  CINESCRIBE_TRY(captioner.status());
  Members made_from(object_under(members, "made_from"));
  made_from.text("scenes_sha256", header.scenes_sha256);
  optional_text(made_from, "prompt", header.prompt);
  optional_text(made_from, "prompt_sha256", header.prompt_sha256);
  CINESCRIBE_TRY(made_from.status());
  if (const Json* settings = members.optional("settings")) header.settings_json = dump(*settings);
  return header;
}

Json to_value(const CaptionTotals& totals) {
  return {{"scenes", totals.scenes},
          {"captions", totals.captions},
          {"failures", totals.failures},
          {"suspects", totals.suspects},
          {"prompt_tokens", totals.prompt_tokens},
          {"generated_tokens", totals.generated_tokens}};
}

std::string caption_json(const CaptionRecord& record) { return dump(to_value(record)); }

Result<CaptionRecord> caption_from_json(std::string_view text) {
  const Json value = Json::parse(text.begin(), text.end(), nullptr, false);
  if (value.is_discarded()) return Error{ErrorCode::kInput, "this is no valid JSON"};
  return caption_from(value);
}

}  // namespace cinescribe::results
