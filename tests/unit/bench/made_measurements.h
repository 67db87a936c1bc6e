#pragma once

#include <string>
#include <vector>

#include "cinescribe/bench/raw_record.h"
#include "cinescribe/bench/raw_record_json.h"

/// Measurements with round figures, made without measuring.
namespace cinescribe::bench::test {

inline SessionRecord a_session(const std::string& name = "s1") {
  SessionRecord session;
  session.session = name;
  session.started_at = "2026-01-31T12:00:00Z";
  session.version = "0.1.0";
  session.commit = "0123456789ab";
  session.compiler = "GNU 12.2.0";
  session.build_type = "Release";
  session.build_flags = "-O3";
  session.engines = {{"ggml", "1.0"}};
  session.system = "Linux 6.1 x86_64";
  session.cpu = "Made Processor";
  session.cpu_features = {"avx2"};
  session.cores = 4;
  session.memory_bytes = 16'000'000'000;
  session.devices = {{"CPU", "Made Processor", 16'000'000'000}};
  session.no_energy_why = "this machine shows no RAPL counters";
  session.command = "cinescribe bench clip.mp4";
  return session;
}

inline VideoRecord a_video(const std::string& name = "clip.mp4") {
  VideoRecord video;
  video.session = "s1";
  video.name = name;
  video.fingerprint = "f-" + name;
  video.duration_seconds = 100.0;
  video.size_bytes = 5'000'000;
  video.picture = "h264 640x360, 25 fps";
  video.sound = "aac, 48000 Hz, 2 channels";
  return video;
}

inline PassRecord a_pass(std::int64_t number, const std::string& captioner, int repeat, double wall,
                         const std::string& video = "clip.mp4") {
  PassRecord pass;
  pass.session = "s1";
  pass.pass = number;
  pass.part = captioner.empty() ? kStage1 : kCaptions;
  pass.captioner = captioner;
  pass.video = video;
  pass.fingerprint = "f-" + video;
  pass.settings_hash = captioner.empty() ? "aaaa1111" : "bbbb2222";
  pass.device = "cpu";
  pass.repeat = repeat;
  pass.is_warm_up = repeat == 0;
  pass.start_seconds = 10.0 * static_cast<double>(number);
  pass.wall_seconds = wall;
  pass.load_seconds = captioner.empty() ? 0.0 : 2.0;
  pass.after_load_seconds = captioner.empty() ? 0.0 : wall - 2.0;
  pass.cpu_seconds = wall * 3.0;
  pass.scenes = pass.fresh_scenes = 4;
  pass.peak_memory_bytes = {{"cinescribe", 800'000'000}};
  return pass;
}

inline UnitRecord a_stage(std::int64_t pass, const std::string& stage, double start, double wall, double cpu) {
  UnitRecord unit;
  unit.session = "s1";
  unit.pass = pass;
  unit.stage = stage;
  unit.device = "cpu";
  unit.start_seconds = start;
  unit.wall_seconds = wall;
  unit.load_seconds = wall / 10.0;
  unit.busy_seconds = wall / 2.0;
  unit.cpu_seconds = cpu;
  unit.media_seconds = 100.0;
  unit.frames = stage == "decode" ? 2500 : 0;
  unit.bytes = 1000;
  return unit;
}

inline UnitRecord a_scene(std::int64_t pass, std::int64_t scene, double start, double seconds) {
  UnitRecord unit;
  unit.session = "s1";
  unit.pass = pass;
  unit.stage = kCaptions;
  unit.scene = scene;
  unit.device = "cpu";
  unit.start_seconds = start;
  unit.wall_seconds = seconds;
  unit.media_seconds = 20.0 + 5.0 * static_cast<double>(scene);
  unit.tokens_in = 600;
  unit.image_tokens = 500;
  unit.tokens_out = 50;
  unit.frames = 2;
  unit.bytes = 200;
  unit.caption_words = 40;
  unit.phases = CaptionPhases{seconds * 0.05, seconds * 0.25, seconds * 0.2, seconds * 0.5};
  unit.finish_reason = "eos";
  return unit;
}

inline SampleRecord a_sample(std::int64_t pass, double at, std::uint64_t megabytes) {
  SampleRecord sample;
  sample.session = "s1";
  sample.pass = pass;
  sample.at_seconds = at;
  sample.memory_bytes = {{"cinescribe", megabytes * 1'000'000}};
  sample.cpu_seconds = at * 3.0;
  return sample;
}

/// A stage-1 pass with its parts.
inline void add_stage1(std::vector<RawRecord>& records, std::int64_t pass, int repeat, double wall,
                       const std::string& video = "clip.mp4") {
  records.emplace_back(a_sample(pass, 0.0, 50));
  records.emplace_back(a_sample(pass, wall, 700));
  records.emplace_back(a_stage(pass, "decode", 0.0, wall * 0.8, 2.0));
  records.emplace_back(a_stage(pass, "scenes", 0.0, wall * 0.8, 1.0));
  records.emplace_back(a_stage(pass, "speech", 0.0, wall, wall * 2.0));
  records.emplace_back(a_stage(pass, "other", 0.0, wall, 0.5));
  records.emplace_back(a_pass(pass, "", repeat, wall, video));
}

/// A captioner's pass over four scenes.
inline void add_captions(std::vector<RawRecord>& records, std::int64_t pass, const std::string& captioner, int repeat,
                         double wall, const std::string& video = "clip.mp4") {
  const double each = (wall - 2.0) / 4.0;
  records.emplace_back(a_sample(pass, 0.0, 60));
  records.emplace_back(a_sample(pass, wall, 800));
  for (int scene = 0; scene < 4; ++scene) records.emplace_back(a_scene(pass, scene, 2.0 + each * scene, each));
  records.emplace_back(a_pass(pass, captioner, repeat, wall, video));
}

/// One video, stage 1 and two captioners, a warm-up and three repeats of each.
inline std::vector<RawRecord> a_bench() {
  std::vector<RawRecord> records = {a_session(), a_video()};
  records.emplace_back(ModelRecord{"s1", "whisper-base", "speech", "", "abc123", 0, false, "{}"});
  records.emplace_back(ModelRecord{
      "s1", "seer", kCaptions, "q8_0", "def456", 4'000'000'000, false,
      R"({"family":"llava_next","vision_type":"f16","tower":{"image_size_px":336,"patch_size_px":14,"width":1024,"heads":16,"layers":23},"language":{"architecture":"llama","width":4096,"layers":32,"heads":32,"kv_heads":8,"vocabulary":32064,"context":32768}})"});
  records.emplace_back(ModelRecord{"s1", "narrator", kCaptions, "", "", 0, false, R"({"family":"narrator"})"});
  records.emplace_back(SettingsRecord{"s1", "aaaa1111", R"({"stage1":{}})"});
  records.emplace_back(SettingsRecord{"s1", "bbbb2222", R"({"captions":{}})"});
  std::int64_t pass = 0;
  for (int repeat = 0; repeat <= 3; ++repeat) {
    add_stage1(records, ++pass, repeat, 20.0 + repeat);
    add_captions(records, ++pass, "seer", repeat, 42.0 + repeat);
    add_captions(records, ++pass, "narrator", repeat, 2.4);
  }
  QualityRecord quality;
  quality.session = "s1";
  quality.measure = "word error rate";
  quality.subject = "whisper-base";
  quality.video = "clip.mp4";
  quality.value = 0.05;
  quality.unit = "share";
  quality.is_lower_better = true;
  quality.count = 120;
  quality.reference = "a transcript";
  quality.command = "cinescribe evaluate speech";
  records.emplace_back(quality);
  return records;
}

inline std::string lines_of(const std::vector<RawRecord>& records) {
  std::string text;
  for (const RawRecord& record : records) text += record_json(record) + "\n";
  return text;
}

}  // namespace cinescribe::bench::test
