#include "cinescribe/bench/stage1_pass.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <map>
#include <numeric>
#include <string>
#include <string_view>
#include <system_error>

#include "cinescribe/bench/pass_meter.h"
#include "cinescribe/bench/stage_watch.h"
#include "cinescribe/results/base_data_reader.h"

namespace cinescribe::bench {

namespace {

namespace fs = std::filesystem;

/// FFmpeg since 6.0 names the threads of its decoders like this ("av:h264:df0"), whoever decodes; before, they have the
/// name of the thread that opened them.
bool is_decoder_thread(const std::string& name) { return name.rfind("av:", 0) == 0; }

double decoder_threads(const std::map<std::string, double>& by_thread) {
  return std::accumulate(by_thread.begin(), by_thread.end(), 0.0, [](double sum, const auto& each) {
    return is_decoder_thread(each.first) ? sum + each.second : sum;
  });
}

/// Bytes that each stage filed in the journal; of a line only its start is looked at.
std::map<std::string, std::int64_t> journal_bytes(const fs::path& journal) {
  constexpr std::string_view kKey = "\"stage\":\"";
  std::map<std::string, std::int64_t> bytes;
  std::ifstream stream(journal, std::ios::binary);
  for (std::string line; std::getline(stream, line);) {
    const std::size_t key = std::string_view(line).substr(0, 128).find(kKey);
    if (key == std::string::npos) continue;
    const std::size_t begin = key + kKey.size();
    bytes[line.substr(begin, line.find('"', begin) - begin)] += static_cast<std::int64_t>(line.size()) + 1;
  }
  return bytes;
}

struct Outcome {
  results::BaseData data;
  std::int64_t scenes = 0;
};

Result<Outcome> read_outcome(const fs::path& folder) {
  Outcome outcome;
  auto data = results::read_base_data(folder / "base_data.json", [&](results::SceneRecord&&) -> Status {
    ++outcome.scenes;
    return {};
  });
  CINESCRIBE_TRY(data);
  outcome.data = *std::move(data);
  return outcome;
}

class UnitFiler {
 public:
  UnitFiler(const PassRecord& pass, const Outcome& outcome, const std::map<std::string, double>& cpu)
      : pass_(pass), outcome_(outcome), cpu_(cpu) {}

  /// All units, those of `stages` and the rest.
  Status file(const std::map<std::string, StageTimes>& stages, const std::map<std::string, std::int64_t>& bytes,
              RecordFile& file) {
    for (const auto& [name, times] : stages) {
      if (times.started < 0.0 || times.ended < times.started) continue;
      UnitRecord unit = stage_unit(name, times);
      const auto filed = bytes.find(name);
      if (filed != bytes.end()) unit.bytes = filed->second;
      CINESCRIBE_TRY(file.append(unit));
    }
    UnitRecord other = blank("other");
    other.wall_seconds = pass_.wall_seconds;
    other.cpu_seconds = std::max(0.0, pass_.cpu_seconds - told_);
    return file.append(other);
  }

 private:
  [[nodiscard]] UnitRecord blank(const std::string& stage) const {
    UnitRecord unit;
    unit.session = pass_.session;
    unit.pass = pass_.pass;
    unit.stage = stage;
    unit.device = pass_.device;
    unit.media_seconds = outcome_.data.video.duration.seconds();
    return unit;
  }

  UnitRecord stage_unit(const std::string& name, const StageTimes& times) {
    UnitRecord unit = blank(name);
    unit.start_seconds = times.started;
    unit.wall_seconds = times.ended - times.started;
    unit.load_seconds = std::max(0.0, times.ready - times.started);
    const auto cpu = cpu_.find(name);
    if (cpu != cpu_.end()) unit.cpu_seconds = cpu->second;
    told_ += unit.cpu_seconds;
    const results::VideoFacts& video = outcome_.data.video;
    if (name == kDecoding) {
      unit.bytes = static_cast<std::int64_t>(video.size_bytes);
      unit.busy_seconds = unit.wall_seconds;
    }
    if ((name == kDecoding || name == "scenes") && video.picture) unit.frames = video.picture->frame_count;
    for (const results::StageTiming& timing : outcome_.data.timings) {
      if (timing.stage == name) unit.busy_seconds = timing.busy_seconds;
    }
    return unit;
  }

  const PassRecord& pass_;
  const Outcome& outcome_;
  const std::map<std::string, double>& cpu_;
  double told_ = 0.0;  ///< Processor time that some unit has.
};

std::string number(const char* format, double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

std::string picture_words(const results::PictureFacts& picture) {
  std::string words = picture.codec + " " + std::to_string(picture.width) + "x" + std::to_string(picture.height);
  if (picture.frame_rate.den > 0) {
    words +=
        number(", %.4g fps", static_cast<double>(picture.frame_rate.num) / static_cast<double>(picture.frame_rate.den));
  }
  return words;
}

}  // namespace

Status run_stage1_pass(pipeline::Analysis& analysis, const fs::path& video, PassRecord& pass, const PassTools& tools) {
  Status filing;
  PassMeter meter(tools.gpus, [&](const SampleRecord& moment) {
    SampleRecord sample = moment;
    sample.session = pass.session;
    sample.pass = pass.pass;
    const Status status = tools.file.append(sample);
    if (!status.ok()) filing = status;
  });
  StageWatch watch(
      tools.listener, [&meter] { return meter.seconds(); }, [&](const std::string&) { meter.look(); });
  const auto report = analysis.run(video, watch, tools.stop);
  meter.stop(pass);
  CINESCRIBE_TRY(report);
  CINESCRIBE_TRY(filing);
  CINESCRIBE_ASSIGN(const Outcome outcome, read_outcome(report->folder));
  pass.scenes = outcome.scenes;
  pass.resumed_stages = static_cast<std::int64_t>(report->reused.size());
  (report->reused.empty() ? pass.fresh_scenes : pass.resumed_scenes) = outcome.scenes;
  std::map<std::string, double> cpu = meter.cpu_by_thread();
  cpu[kDecoding] += decoder_threads(cpu);  // with those that took the pictures of the scenes, where there were any
  CINESCRIBE_TRY(
      UnitFiler(pass, outcome, cpu).file(watch.stages(), journal_bytes(report->folder / "journal.jsonl"), tools.file));
  CINESCRIBE_TRY(tools.file.append(pass));
  return tools.file.sync();
}

Result<std::int64_t> scene_count(const fs::path& folder) {
  CINESCRIBE_ASSIGN(const Outcome outcome, read_outcome(folder));
  return outcome.scenes;
}

Result<VideoRecord> video_record(const fs::path& folder) {
  CINESCRIBE_ASSIGN(const Outcome outcome, read_outcome(folder));
  const results::VideoFacts& video = outcome.data.video;
  VideoRecord record;
  record.name = video.file_name;
  record.fingerprint = video.fingerprint;
  record.duration_seconds = video.duration.seconds();
  record.size_bytes = video.size_bytes;
  if (video.picture) record.picture = picture_words(*video.picture);
  if (video.sound) {
    record.sound = video.sound->codec + ", " + std::to_string(video.sound->rate_hz) + " Hz, " +
                   std::to_string(video.sound->channels) + " channels";
  }
  return record;
}

}  // namespace cinescribe::bench
