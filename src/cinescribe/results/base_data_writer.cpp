#include "cinescribe/results/base_data_writer.h"

#include <string>
#include <utility>

#include "cinescribe/results/json_values.h"

namespace cinescribe::results {

namespace {

Json header_value(const BaseData& data) {
  Json stages = Json::array();
  Json settings = Json::object();
  for (const StageRecord& stage : data.stages) {
    stages.push_back(stage.name);
    Json value = Json::parse(stage.settings_json, nullptr, false);
    settings[stage.name] = value.is_object() ? std::move(value) : Json::object();
  }
  Json models = Json::array();
  for (const ModelRecord& model : data.models) {
    models.push_back({{"stage", model.stage}, {"name", model.name}, {"sha256", model.sha256}});
  }
  return {{"schema_version", kSchemaVersion},
          {"video", to_value(data.video)},
          {"stages", std::move(stages)},
          {"settings", std::move(settings)},
          {"models", std::move(models)},
          {"language", data.language ? Json(data.language->code) : Json(nullptr)},
          {"language_probability", data.language ? Json(data.language->probability) : Json(nullptr)}};
}

Json timings_value(const std::vector<StageTiming>& timings) {
  Json value = Json::object();
  for (const StageTiming& timing : timings) {
    value[timing.stage] = {
        {"wall_seconds", timing.wall_seconds},
        {"busy_seconds", timing.busy_seconds},
        {"media_seconds", timing.media_seconds},
        {"x_realtime", timing.wall_seconds > 0.0 ? Json(timing.media_seconds / timing.wall_seconds) : Json(nullptr)}};
  }
  return value;
}

}  // namespace

Result<BaseDataWriter> BaseDataWriter::create(const std::filesystem::path& path, const BaseData& data) {
  CINESCRIBE_ASSIGN(AtomicFile file, AtomicFile::create(path));
  BaseDataWriter writer(std::move(file));
  std::string head = pretty(header_value(data));
  head.resize(head.rfind("\n}"));
  CINESCRIBE_TRY(writer.file_.write(head + ",\n  \"scenes\": ["));
  return writer;
}

Status BaseDataWriter::scene(const SceneRecord& scene) {
  return file_.write((scenes_++ == 0 ? "\n    " : ",\n    ") + pretty(to_value(scene), "    "));
}

Status BaseDataWriter::finish(const std::vector<StageTiming>& timings) {
  CINESCRIBE_TRY(file_.write(scenes_ == 0 ? "]" : "\n  ]"));
  CINESCRIBE_TRY(file_.write(",\n  \"timings\": " + pretty(timings_value(timings), "  ") + "\n}\n"));
  return file_.commit();
}

}  // namespace cinescribe::results
