#pragma once

#include <string>
#include <type_traits>

#include "cinescribe/bench/raw_record.h"

/// The members of each kind of record, named once for writing and for reading. Private to this room.
namespace cinescribe::bench {

template <typename Visitor, typename Record>
void visit_session(Visitor& v, Record& r) {
  v("started_at", r.started_at);
  v("version", r.version);
  v("commit", r.commit);
  v("compiler", r.compiler);
  v("build_type", r.build_type);
  v("build_flags", r.build_flags);
  v("engines", r.engines);
  v("system", r.system);
  v("cpu", r.cpu);
  v("cpu_features", r.cpu_features);
  v("cores", r.cores);
  v("memory_bytes", r.memory_bytes);
  v("devices", r.devices);
  v("gpu_driver", r.gpu_driver);
  v("energy_source", r.energy_source);
  v("no_energy_why", r.no_energy_why);
  v("command", r.command);
}

template <typename Visitor, typename Record>
void visit_video(Visitor& v, Record& r) {
  v("name", r.name);
  v("fingerprint", r.fingerprint);
  v("duration_seconds", r.duration_seconds);
  v("size_bytes", r.size_bytes);
  v("picture", r.picture);
  v("sound", r.sound);
}

template <typename Visitor, typename Record>
void visit_model(Visitor& v, Record& r) {
  v("name", r.name);
  v("part", r.part);
  v("type", r.type);
  v("sha256", r.sha256);
  v("size_bytes", r.size_bytes);
  v("is_synthetic", r.is_synthetic);
  v.object("facts", r.facts_json);
}

template <typename Visitor, typename Record>
void visit_settings(Visitor& v, Record& r) {
  v("hash", r.hash);
  v.object("settings", r.settings_json);
}

template <typename Visitor, typename Record>
void visit_pass(Visitor& v, Record& r) {
  v("pass", r.pass);
  v("part", r.part);
  v("captioner", r.captioner);
  v("video", r.video);
  v("fingerprint", r.fingerprint);
  v("settings_hash", r.settings_hash);
  v("device", r.device);
  v("threads", r.threads);
  v("repeat", r.repeat);
  v("is_warm_up", r.is_warm_up);
  v("start_seconds", r.start_seconds);
  v("wall_seconds", r.wall_seconds);
  v("load_seconds", r.load_seconds);
  v("after_load_seconds", r.after_load_seconds);
  v("cpu_seconds", r.cpu_seconds);
  v("other_cpu_seconds", r.other_cpu_seconds);
  v("scenes", r.scenes);
  v("fresh_scenes", r.fresh_scenes);
  v("resumed_scenes", r.resumed_scenes);
  v("resumed_stages", r.resumed_stages);
  v("failed_scenes", r.failed_scenes);
  v("skipped_scenes", r.skipped_scenes);
  v("peak_memory_bytes", r.peak_memory_bytes);
  v("peak_device_bytes", r.peak_device_bytes);
  v("energy_joules", r.energy_joules);
  v("error", r.error);
}

template <typename Visitor, typename Phases>
void visit_phases(Visitor& v, Phases& p) {
  v("preprocess_seconds", p.preprocess_seconds);
  v("encode_seconds", p.encode_seconds);
  v("prefill_seconds", p.prefill_seconds);
  v("decode_seconds", p.decode_seconds);
}

template <typename Visitor, typename Record>
void visit_unit(Visitor& v, Record& r) {
  v("pass", r.pass);
  v("stage", r.stage);
  v("scene", r.scene);
  v("device", r.device);
  v("start_seconds", r.start_seconds);
  v("wall_seconds", r.wall_seconds);
  v("load_seconds", r.load_seconds);
  v("busy_seconds", r.busy_seconds);
  v("cpu_seconds", r.cpu_seconds);
  v("media_seconds", r.media_seconds);
  v("tokens_in", r.tokens_in);
  v("image_tokens", r.image_tokens);
  v("tokens_out", r.tokens_out);
  v("frames", r.frames);
  v("bytes", r.bytes);
  v("phases", r.phases);
  v("caption_words", r.caption_words);
  v("finish_reason", r.finish_reason);
  v("suspect", r.suspect);
  v("error", r.error);
  v("is_resumed", r.is_resumed);
}

template <typename Visitor, typename Record>
void visit_sample(Visitor& v, Record& r) {
  v("pass", r.pass);
  v("at_seconds", r.at_seconds);
  v("memory_bytes", r.memory_bytes);
  v("device_bytes", r.device_bytes);
  v("cpu_seconds", r.cpu_seconds);
}

template <typename Visitor, typename Record>
void visit_quality(Visitor& v, Record& r) {
  v("measure", r.measure);
  v("subject", r.subject);
  v("video", r.video);
  v.signed_number("value", r.value);
  v("unit", r.unit);
  v("is_lower_better", r.is_lower_better);
  v("count", r.count);
  v("reference", r.reference);
  v("command", r.command);
}

template <typename Visitor, typename Record>
void visit_members(Visitor& v, Record& r) {
  using Kind = std::remove_cv_t<Record>;
  v("session", r.session);
  if constexpr (std::is_same_v<Kind, SessionRecord>) visit_session(v, r);
  if constexpr (std::is_same_v<Kind, VideoRecord>) visit_video(v, r);
  if constexpr (std::is_same_v<Kind, ModelRecord>) visit_model(v, r);
  if constexpr (std::is_same_v<Kind, SettingsRecord>) visit_settings(v, r);
  if constexpr (std::is_same_v<Kind, PassRecord>) visit_pass(v, r);
  if constexpr (std::is_same_v<Kind, UnitRecord>) visit_unit(v, r);
  if constexpr (std::is_same_v<Kind, SampleRecord>) visit_sample(v, r);
  if constexpr (std::is_same_v<Kind, QualityRecord>) visit_quality(v, r);
}

template <typename Record>
const char* kind_of() {
  if constexpr (std::is_same_v<Record, SessionRecord>) return "session";
  if constexpr (std::is_same_v<Record, VideoRecord>) return "video";
  if constexpr (std::is_same_v<Record, ModelRecord>) return "model";
  if constexpr (std::is_same_v<Record, SettingsRecord>) return "settings";
  if constexpr (std::is_same_v<Record, PassRecord>) return "pass";
  if constexpr (std::is_same_v<Record, UnitRecord>) return "unit";
  if constexpr (std::is_same_v<Record, SampleRecord>) return "sample";
  return "quality";
}

}  // namespace cinescribe::bench
