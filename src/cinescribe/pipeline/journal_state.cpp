#include "cinescribe/pipeline/journal_state.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "cinescribe/results/record_json.h"

namespace cinescribe::pipeline {

namespace {

using Json = nlohmann::json;

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

double number_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : 0.0;
}

std::int64_t count_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

std::vector<std::string> names_of(const Json& object, const char* key) {
  std::vector<std::string> names;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) return names;
  for (const Json& name : *found) names.push_back(name.is_string() ? name.get<std::string>() : std::string());
  return names;
}

StageState begun(const std::string& stage, const Json& data, std::uint64_t offset) {
  StageState state;
  state.key = text_of(data, "key");
  state.after = text_of(data, "after");
  state.after_stage = text_of(data, "after_stage");
  state.begin_offset = offset;
  if (const auto models = data.find("models"); models != data.end() && models->is_array()) {
    for (const Json& model : *models) {
      if (model.is_object()) state.models.push_back({stage, text_of(model, "name"), text_of(model, "sha256")});
    }
  }
  // Keys stay in their order: the settings go into base_data.json as they are here.
  return state;
}

/// The settings object of a `begin` record as it stands in the text.
std::string settings_of(const std::string& text) {
  const auto ordered = nlohmann::ordered_json::parse(text, nullptr, false);
  const auto settings = ordered.is_object() ? ordered.find("settings") : ordered.end();
  return settings != ordered.end() ? settings->dump() : "{}";
}

Status apply_to_video(const JournalRecord& record, const Json& data, JournalState& state) {
  if (record.type == "media") {
    const auto size = data.find("size_bytes");
    state.media = MediaIdentity{text_of(data, "source"),
                                size != data.end() && size->is_number_unsigned() ? size->get<std::uint64_t>() : 0,
                                text_of(data, "fingerprint")};
  } else if (record.type == "facts") {
    CINESCRIBE_ASSIGN(state.facts, results::video_facts_from_json(record.data));
  } else if (record.type == "written") {
    state.written_key = text_of(data, "key");
    state.written_totals = {count_of(data, "scenes"), count_of(data, "segments"), count_of(data, "words"),
                            count_of(data, "sounds"), count_of(data, "tracks")};
  }
  return {};
}

Status apply_to_stage(const JournalRecord& record, const Json& data, std::uint64_t offset, JournalState& state) {
  if (record.type == "begin") {
    StageState stage = begun(record.stage, data, offset);
    stage.settings_json = settings_of(record.data);
    state.stages[record.stage] = std::move(stage);
  } else if (const auto found = state.stages.find(record.stage); found == state.stages.end()) {
    return Error{ErrorCode::kInput, "a record of '" + record.stage + "' stands before its beginning"};
  } else if (record.type == "language") {
    CINESCRIBE_ASSIGN(found->second.language, results::language_from_json(record.data));
  } else if (record.type == "detector") {
    found->second.class_names = names_of(data, "classes");
  } else if (record.type == "spent") {
    found->second.timing.wall_seconds = number_of(data, "wall_seconds");
    found->second.timing.busy_seconds = number_of(data, "busy_seconds");
  } else if (record.type == "end") {
    found->second.is_done = true;
    found->second.last_unit.clear();
    found->second.timing = {record.stage, number_of(data, "wall_seconds"), number_of(data, "busy_seconds"),
                            number_of(data, "media_seconds")};
  }
  return {};
}

}  // namespace

bool JournalState::is_done(const std::string& stage, const std::string& key) const {
  const auto found = stages.find(stage);
  return found != stages.end() && found->second.is_done && found->second.key == key;
}

const StageState* JournalState::finished(const std::string& stage) const {
  const auto found = stages.find(stage);
  if (found == stages.end() || !found->second.is_done) return nullptr;
  const StageState& state = found->second;
  if (state.after.empty() && state.after_stage.empty()) return &state;
  if (state.after.empty()) {  // It had to do without; now there is something it should have used.
    const auto basis = stages.find(state.after_stage);
    return basis == stages.end() || !basis->second.is_done ? &state : nullptr;
  }
  for (const auto& [name, other] : stages) {
    if (other.is_done && other.key == state.after) return &state;
  }
  return nullptr;
}

Result<JournalState> read_journal(const std::filesystem::path& path) {
  JournalState state;
  std::ifstream stream(path, std::ios::binary);
  std::uint64_t offset = 0;
  for (std::string line; std::getline(stream, line); offset += line.size() + 1) {
    auto record = parse_journal_line(line);
    if (!record) break;
    if (record->type == "unit") {
      if (const auto stage = state.stages.find(record->stage); stage != state.stages.end()) {
        ++stage->second.units;
        stage->second.last_unit = std::move(record->data);
      }
      continue;
    }
    const Json data = Json::parse(record->data, nullptr, false);
    Status status;
    if (!data.is_object()) {
      status = Error{ErrorCode::kInput, "a record of type '" + record->type + "' holds no JSON object"};
    } else {
      status =
          record->stage.empty() ? apply_to_video(*record, data, state) : apply_to_stage(*record, data, offset, state);
    }
    if (!status.ok()) return status.error().with_context("cannot use the journal " + path.string());
  }
  return state;
}

UnitCursor::UnitCursor(const std::filesystem::path& path, std::string stage, const StageState* state)
    : path_(path), stage_(std::move(stage)), is_over_(state == nullptr) {
  if (is_over_) return;
  stream_.open(path, std::ios::binary);
  stream_.seekg(static_cast<std::streamoff>(state->begin_offset));
}

UnitCursor::UnitCursor(const std::filesystem::path& path, std::string stage, std::uint64_t begin_offset,
                       std::int64_t units)
    : path_(path), stage_(std::move(stage)), stream_(path, std::ios::binary), left_(units), is_over_(units <= 0) {
  stream_.seekg(static_cast<std::streamoff>(begin_offset));
}

Result<std::optional<std::string>> UnitCursor::next() {
  for (std::string line; !is_over_;) {
    std::optional<JournalRecord> record;
    if (std::getline(stream_, line)) record = parse_journal_line(line);
    if (!record) {
      return Error{ErrorCode::kInternal, "the journal " + path_.string() + " ends within the stage '" + stage_ +
                                             "'; run the command again with --force"};
    }
    if (record->stage != stage_) continue;
    if (record->type == "unit") {
      is_over_ = --left_ == 0;
      return std::optional<std::string>(std::move(record->data));
    }
    is_over_ = record->type == "end";
  }
  return std::optional<std::string>();
}

}  // namespace cinescribe::pipeline
