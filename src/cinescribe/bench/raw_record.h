#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// Raw measurements: `measurements.jsonl`, one JSON object per line, only ever appended to. The key `kind` names the
/// struct; every struct below is one kind, its members are the keys. Whoever measures writes these; reports are made
/// from nothing else. Times are seconds of a steady clock; memory and files are bytes.
/// docs/schema/measurement.schema.json has the same as a schema.
namespace cinescribe::bench {

/// Version of this layout; it grows when a key changes its meaning or goes.
inline constexpr int kRecordVersion = 1;

struct DeviceFacts {
  std::string name;  ///< As ggml spells it, e.g. "CPU", "CUDA0".
  std::string description;
  std::uint64_t memory_bytes = 0;  ///< 0 = it does not say.
};

/// kind "session": where and with what everything that follows was measured, until the next session. One per call.
struct SessionRecord {
  std::string session;     ///< Unique; all other records name theirs.
  std::string started_at;  ///< UTC, "2026-01-31T12:00:00Z".
  std::string version;
  std::string commit;  ///< "unknown" where the build did not know it; "+" at its end: sources were changed.
  std::string compiler;
  std::string build_type;
  std::string build_flags;
  std::map<std::string, std::string> engines;  ///< Name -> version.
  std::string system;                          ///< Kernel and its release.
  std::string cpu;
  std::vector<std::string> cpu_features;
  int cores = 0;
  std::uint64_t memory_bytes = 0;
  std::vector<DeviceFacts> devices;
  std::string gpu_driver;     ///< Empty = none.
  std::string energy_source;  ///< "rapl", "nvml", "rapl+nvml"; empty = not available.
  std::string no_energy_why;
  std::string command;  ///< What to run to measure this again.
};

/// kind "video": one input.
struct VideoRecord {
  std::string session;
  std::string name;  ///< File name; with `fingerprint` what it is known by.
  std::string fingerprint;
  double duration_seconds = 0.0;
  std::uint64_t size_bytes = 0;
  std::string picture;  ///< In words: "h264 1280x720, 29.97 fps"; empty = none.
  std::string sound;    ///< Likewise.
};

/// kind "model": one model that was at work.
struct ModelRecord {
  std::string session;
  std::string name;  ///< That of the captioner, or of stage 1's model.
  std::string part;  ///< "captions", or the stage of stage 1 that uses it.
  std::string type;
  std::string sha256;
  std::uint64_t size_bytes = 0;  ///< On disk; 0 = unknown.
  bool is_synthetic = false;
  std::string facts_json = "{}";  ///< Key `facts`: what a captioner's model.json says, for the comparison of models.
};

/// kind "settings": what a hash stands for.
struct SettingsRecord {
  std::string session;
  std::string hash;
  std::string settings_json = "{}";  ///< Key `settings`.
};

/// The parts that are run by themselves.
inline constexpr const char* kStage1 = "stage1";
inline constexpr const char* kCaptions = "captions";

/// kind "pass": one part over one video, from an empty folder to finished files. It is written last of what belongs to
/// it: what names a pass that has no such record was cut short and counts for nothing.
struct PassRecord {
  std::string session;
  std::int64_t pass = 0;  ///< Unique in the session.
  std::string part;       ///< kStage1 or kCaptions.
  std::string captioner;  ///< With kCaptions.
  std::string video;
  std::string fingerprint;
  std::string settings_hash;
  std::string device;
  int threads = 0;  ///< 0 = as many as cores.
  int repeat = 0;   ///< From 1; 0 with `is_warm_up`.
  bool is_warm_up = false;
  double start_seconds = 0.0;  ///< Since the session began.
  double wall_seconds = 0.0;
  double load_seconds = 0.0;        ///< Until the captioner could begin; 0 in stage 1, whose stages load side by side.
  double after_load_seconds = 0.0;  ///< Captioners: the rest, extraction of frames included.
  double cpu_seconds = 0.0;         ///< Of all processes of cinescribe.
  double other_cpu_seconds = 0.0;   ///< What the rest of the machine computed meanwhile.
  std::int64_t scenes = 0;
  std::int64_t fresh_scenes = 0;    ///< Computed in this pass.
  std::int64_t resumed_scenes = 0;  ///< Taken over from an earlier run; then no times can be told from this pass.
  std::int64_t resumed_stages = 0;
  std::int64_t failed_scenes = 0;
  std::int64_t skipped_scenes = 0;  ///< Of the video, behind the first that were asked for: nobody described them.
  std::map<std::string, std::uint64_t> peak_memory_bytes;  ///< Process -> most resident memory.
  std::map<std::string, std::uint64_t> peak_device_bytes;  ///< Device -> most memory in use.
  std::optional<double> energy_joules;
  std::string error;  ///< Empty = finished well.
};

/// Where the time of a caption went; see results::CaptionCost.
struct CaptionPhases {
  double preprocess_seconds = 0.0;
  double encode_seconds = 0.0;
  double prefill_seconds = 0.0;
  double decode_seconds = 0.0;
};

/// kind "unit": one piece of work of a pass: a stage of stage 1 over the whole video, or a captioner's scene.
struct UnitRecord {
  std::string session;
  std::int64_t pass = 0;
  std::string stage;                  ///< "decode", "scenes", "speech", …, or kCaptions.
  std::optional<std::int64_t> scene;  ///< Of captions.
  std::string device;
  double start_seconds = 0.0;  ///< Since the pass began.
  double wall_seconds = 0.0;   ///< Of a scene: since the caption that was finished before it.
  double load_seconds = 0.0;   ///< Of the wall time: until models were loaded.
  double busy_seconds = 0.0;   ///< Of the wall time: not waiting for the decoder.
  double cpu_seconds = 0.0;    ///< 0 for scenes: several are decoded at once.
  double media_seconds = 0.0;  ///< Length of what was worked on.
  std::int64_t tokens_in = 0;
  std::int64_t image_tokens = 0;
  std::int64_t tokens_out = 0;
  std::int64_t frames = 0;  ///< Pictures looked at.
  std::int64_t bytes = 0;   ///< Of results.
  std::optional<CaptionPhases> phases;
  std::int64_t caption_words = 0;
  std::string finish_reason;  ///< "eos", "length", …
  std::string suspect;        ///< Why the text is not to be trusted.
  std::string error;
  bool is_resumed = false;
};

/// kind "sample": memory at one moment of a pass.
struct SampleRecord {
  std::string session;
  std::int64_t pass = 0;
  double at_seconds = 0.0;                            ///< Since the pass began.
  std::map<std::string, std::uint64_t> memory_bytes;  ///< Process -> resident.
  std::map<std::string, std::uint64_t> device_bytes;
  double cpu_seconds = 0.0;  ///< Of all processes of cinescribe since the pass began.
};

/// kind "quality": a measure of how good results are, of whoever measured it.
struct QualityRecord {
  std::string session;  ///< May be empty.
  std::string measure;  ///< "word error rate", "cut F1", "tag mAP", "caption agreement", …
  std::string subject;  ///< What was judged: a model, a stage, a type of weights.
  std::string video;    ///< What it was judged on: a video, a set.
  double value = 0.0;
  std::string unit;  ///< "share", "nats", …; empty = a plain number.
  bool is_lower_better = false;
  std::int64_t count = 0;  ///< Over how many items; 0 = not told.
  std::string reference;   ///< Against what.
  std::string command;     ///< What measures it again.
};

using RawRecord = std::variant<SessionRecord, VideoRecord, ModelRecord, SettingsRecord, PassRecord, UnitRecord,
                               SampleRecord, QualityRecord>;

}  // namespace cinescribe::bench
