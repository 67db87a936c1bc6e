#include "cinescribe/bench/measurements.h"

#include <algorithm>
#include <set>
#include <utility>

#include "cinescribe/bench/machine_key.h"

namespace cinescribe::bench {

namespace {

constexpr std::size_t kMostSamples = 1000;
constexpr std::size_t kMostStages = 64;
/// A hundred five-hour films, a dozen captioners: far below. Beyond, the file is no bench's.
constexpr std::size_t kMostScenes = 4'000'000;
constexpr std::size_t kMostPasses = 20'000;
constexpr std::size_t kMostFacts = 2'000;
constexpr std::size_t kLongestError = 400;

ScenePoint point_of(const UnitRecord& unit) {
  ScenePoint point;
  point.scene = unit.scene.value_or(0);
  point.start_seconds = unit.start_seconds;
  point.wall_seconds = unit.wall_seconds;
  point.media_seconds = unit.media_seconds;
  if (unit.phases) point.phases = *unit.phases;
  point.tokens_in = unit.tokens_in;
  point.image_tokens = unit.image_tokens;
  point.tokens_out = unit.tokens_out;
  point.frames = unit.frames;
  point.words = unit.caption_words;
  point.is_failed = !unit.error.empty();
  point.is_empty = !point.is_failed && unit.bytes == 0;
  point.is_suspect = !point.is_empty && !unit.suspect.empty();
  point.is_capped = unit.finish_reason == "length";
  return point;
}

class Collector {
 public:
  explicit Collector(Measurements& into) : into_(into) {}

  Status take(RawRecord&& record) {
    return std::visit([this](auto&& each) { return add(std::move(each)); }, std::move(record));
  }
  void finish() { into_.cut_short = static_cast<std::int64_t>(open_.size()); }

 private:
  using PassName = std::pair<std::string, std::int64_t>;

  static Status too_much(const char* what) {
    return Error{ErrorCode::kInput, std::string("the measurements hold more ") + what + " than a report can show"};
  }

  Status add(SessionRecord&& session) {
    if (into_.sessions.size() >= kMostFacts) return too_much("sessions");
    const std::string key = machine_key(session);
    const auto known = std::find(machine_keys_.begin(), machine_keys_.end(), key);
    machine_of_[session.session] = static_cast<int>(known - machine_keys_.begin());
    if (known == machine_keys_.end()) {
      machine_keys_.push_back(key);
      into_.machines.push_back(session);
    }
    into_.sessions.push_back(std::move(session));
    return {};
  }
  Status add(VideoRecord&& video) {
    if (into_.videos.size() >= kMostFacts) return too_much("videos");
    into_.videos.emplace(video_key(video.name, video.fingerprint), std::move(video));
    return {};
  }
  Status add(ModelRecord&& model) {
    if (!models_.insert(model.part + "\n" + model.name + "\n" + model.sha256).second) return {};
    if (into_.models.size() >= kMostFacts) return too_much("models");
    into_.models.push_back(std::move(model));
    return {};
  }
  Status add(SettingsRecord&& settings) {
    if (into_.settings.size() >= kMostFacts) return too_much("settings");
    into_.settings.emplace(settings.hash, std::move(settings.settings_json));
    return {};
  }
  Status add(QualityRecord&& quality) {
    if (into_.quality.size() >= kMostFacts) return too_much("measures of quality");
    into_.quality.push_back(std::move(quality));
    return {};
  }
  Status add(UnitRecord&& unit) {
    Result<PassData*> data = open_pass(unit.session, unit.pass);
    CINESCRIBE_TRY(data);
    if (!unit.scene) {
      if ((*data)->stages.size() >= kMostStages) return too_much("stages in a pass");
      (*data)->stages.push_back(std::move(unit));
      return {};
    }
    if (++scenes_ > kMostScenes) return too_much("scenes");
    (*data)->scenes.push_back(point_of(unit));
    return {};
  }
  Status add(SampleRecord&& sample) {
    Result<PassData*> data = open_pass(sample.session, sample.pass);
    CINESCRIBE_TRY(data);
    PassData& pass = **data;
    const int seen = seen_samples_[{sample.session, sample.pass}]++;
    if (seen % pass.sample_stride != 0) return {};
    pass.samples.push_back(std::move(sample));
    if (pass.samples.size() < kMostSamples) return {};
    for (std::size_t i = 0; 2 * i < pass.samples.size(); ++i) std::swap(pass.samples[i], pass.samples[2 * i]);
    pass.samples.resize(kMostSamples / 2);
    pass.sample_stride *= 2;
    return {};
  }
  Status add(PassRecord&& pass) {
    const PassName name{pass.session, pass.pass};
    Result<PassData*> opened = open_pass(pass.session, pass.pass);
    CINESCRIBE_TRY(opened);
    PassData data = std::move(**opened);
    open_.erase(name);
    seen_samples_.erase(name);
    if (++passes_ > kMostPasses) return too_much("passes");
    pass.error.resize(std::min(pass.error.size(), kLongestError));
    const auto machine = machine_of_.find(pass.session);
    if (machine == machine_of_.end()) return {};  // nobody knows where it was measured
    Row& row = row_of(pass, machine->second);
    data.pass = std::move(pass);
    std::vector<PassData>& list = !data.is_fresh() ? row.left_out : data.pass.is_warm_up ? row.warm_ups : row.repeats;
    list.push_back(std::move(data));
    return {};
  }

  Result<PassData*> open_pass(const std::string& session, std::int64_t pass) {
    const auto found = open_.try_emplace({session, pass}).first;
    if (open_.size() > kMostFacts) return too_much("unfinished passes").error();
    return &found->second;
  }

  Row& row_of(const PassRecord& pass, int machine) {
    const std::string key = row_key(machine_keys_[static_cast<std::size_t>(machine)], pass);
    const auto [found, is_new] = rows_.emplace(key, into_.rows.size());
    if (is_new) {
      into_.rows.push_back(
          {machine, pass.part, pass.captioner, pass.video, pass.fingerprint, pass.settings_hash, {}, {}, {}});
    }
    return into_.rows[found->second];
  }

  Measurements& into_;
  std::vector<std::string> machine_keys_;
  std::map<std::string, int> machine_of_;  ///< Session -> machine.
  std::map<PassName, PassData> open_;      ///< Passes of which the end was not read yet.
  std::map<PassName, int> seen_samples_;
  std::map<std::string, std::size_t> rows_;
  std::set<std::string> models_;
  std::size_t scenes_ = 0;
  std::size_t passes_ = 0;
};

}  // namespace

std::int64_t Row::skipped_scenes() const {
  std::int64_t most = 0;
  for (const std::vector<PassData>* list : {&repeats, &warm_ups, &left_out}) {
    for (const PassData& data : *list) most = std::max(most, data.pass.skipped_scenes);
  }
  return most;
}

const VideoRecord* Measurements::video(const Row& row) const {
  const auto found = videos.find(video_key(row.video, row.fingerprint));
  return found == videos.end() ? nullptr : &found->second;
}

double Measurements::duration(const Row& row) const {
  const VideoRecord* const found = video(row);
  return found == nullptr ? 0.0 : found->duration_seconds;
}

const ModelRecord* Measurements::captioner(const std::string& name) const {
  const auto found = std::find_if(models.begin(), models.end(), [&](const ModelRecord& model) {
    return model.part == kCaptions && model.name == name;
  });
  return found == models.end() ? nullptr : &*found;
}

std::string video_key(const std::string& name, const std::string& fingerprint) { return name + "\n" + fingerprint; }

Result<Measurements> read_measurements(const std::filesystem::path& path) {
  Measurements measurements;
  Collector collector(measurements);
  auto report = read_records(path, [&](RawRecord&& record) { return collector.take(std::move(record)); });
  if (!report.ok()) return report.error().with_context("cannot make a report");
  measurements.reading = *std::move(report);
  collector.finish();
  if (measurements.reading.records == 0) {
    const std::vector<std::string>& problems = measurements.reading.problems;
    return Error{ErrorCode::kInput,
                 path.string() + " holds no measurements" + (problems.empty() ? "" : " (" + problems.front() + ")")};
  }
  return measurements;
}

}  // namespace cinescribe::bench
