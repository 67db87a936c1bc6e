#include "cinescribe/results/base_data_reader.h"

#include <string>
#include <utility>

#include "cinescribe/results/json_values.h"
#include "cinescribe/results/streamed_array.h"

namespace cinescribe::results {

namespace {

Result<BaseData> base_data_from(const Json& root) {
  Members members(root);
  CINESCRIBE_TRY(check_schema_version(members, "analyse the video again"));
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
  CINESCRIBE_ASSIGN(const Json root,
                    read_streamed_array(path, "scenes", "scene", [&sink](const Json& element) -> Status {
                      CINESCRIBE_ASSIGN(SceneRecord scene, scene_from(element));
                      return sink(std::move(scene));
                    }));
  Result<BaseData> data = base_data_from(root);
  if (!data.ok()) return data.error().with_context("cannot read " + path.string());
  return data;
}

}  // namespace cinescribe::results
