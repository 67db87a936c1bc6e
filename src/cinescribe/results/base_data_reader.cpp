#include "cinescribe/results/base_data_reader.h"

#include <fstream>
#include <string>
#include <utility>

#include "cinescribe/results/json_values.h"

namespace cinescribe::results {

namespace {

constexpr int kDeepest = 64;

/// Watches the parser: scenes are taken out of the document as soon as each is complete.
class SceneCatcher {
 public:
  SceneCatcher(const SceneSink& sink, std::string file) : sink_(sink), file_(std::move(file)) {}

  /// False = drop the value from the document.
  bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > kDeepest && status_.ok())
      status_ = Error{ErrorCode::kInput, "cannot read " + file_ + ": nested too deep"};
    if (!status_.ok()) return false;
    if (depth == 1 && event == Json::parse_event_t::key) is_in_scenes_ = parsed == "scenes";
    if (!is_in_scenes_ || depth != 2 || event != Json::parse_event_t::object_end) return true;
    Result<SceneRecord> scene = scene_from(parsed);
    status_ = scene.ok() ? sink_(std::move(*scene))
                         : scene.error().with_context("cannot read " + file_ + ": scene " + std::to_string(count_));
    ++count_;
    return false;
  }
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  const SceneSink& sink_;
  const std::string file_;
  bool is_in_scenes_ = false;
  std::int64_t count_ = 0;
  Status status_;
};

Result<BaseData> base_data_from(const Json& root) {
  Members members(root);
  int version = 0;
  members.integer("schema_version", version);
  CINESCRIBE_TRY(members.status());
  if (version != kSchemaVersion) {
    return Error{ErrorCode::kInput, "schema_version is " + std::to_string(version) + ", this cinescribe reads " +
                                        std::to_string(kSchemaVersion) + "; analyse the video again"};
  }
  BaseData data;
  const Json* video = members.optional("video");
  CINESCRIBE_ASSIGN(data.video, video_facts_from(video != nullptr ? *video : Json()));
  const Json* settings = members.optional("settings");
  for (const Json& name : members.array("stages")) {
    if (!name.is_string()) return Error{ErrorCode::kInput, "the key 'stages' holds something that is no name"};
    StageRecord stage{name.get<std::string>(), "{}"};
    if (settings != nullptr && settings->is_object() && settings->contains(stage.name)) {
      stage.settings_json = dump((*settings)[stage.name]);
    }
    data.stages.push_back(std::move(stage));
  }
  for (const Json& item : members.array("models")) {
    Members model(item);
    ModelRecord record;
    model.text("stage", record.stage);
    model.text("name", record.name);
    model.text("sha256", record.sha256);
    CINESCRIBE_TRY(model.status());
    data.models.push_back(std::move(record));
  }
  if (members.optional("language") != nullptr) {
    data.language.emplace();
    members.text("language", data.language->code);
    members.number("language_probability", data.language->probability);
  }
  if (const Json* timings = members.optional("timings"); timings != nullptr && timings->is_object()) {
    for (const auto& [stage, value] : timings->items()) {
      Members timing(value);
      StageTiming record;
      record.stage = stage;
      timing.number("wall_seconds", record.wall_seconds);
      timing.number("busy_seconds", record.busy_seconds);
      timing.number("media_seconds", record.media_seconds);
      CINESCRIBE_TRY(timing.status());
      data.timings.push_back(std::move(record));
    }
  }
  members.array("scenes");
  CINESCRIBE_TRY(members.status());
  return data;
}

}  // namespace

Result<BaseData> read_base_data(const std::filesystem::path& path, const SceneSink& sink) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return Error{ErrorCode::kInput, "cannot read " + path.string() + ": it is missing or unreadable"};
  SceneCatcher catcher(sink, path.string());
  const Json root = Json::parse(
      stream, [&catcher](int depth, Json::parse_event_t event, Json& parsed) { return catcher(depth, event, parsed); },
      false);
  if (!catcher.status().ok()) return catcher.status().error();
  if (root.is_discarded()) {
    return Error{ErrorCode::kInput, "cannot read " + path.string() + ": it is no valid JSON"};
  }
  Result<BaseData> data = base_data_from(root);
  if (!data.ok()) return data.error().with_context("cannot read " + path.string());
  return data;
}

}  // namespace cinescribe::results
