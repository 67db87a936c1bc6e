#include "cinescribe/pipeline/result_files.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cinescribe/core/atomic_file.h"
#include "cinescribe/pipeline/finding_files.h"
#include "cinescribe/pipeline/speech_by_scene.h"
#include "cinescribe/pipeline/transcript_files.h"
#include "cinescribe/pipeline/unit_resume.h"
#include "cinescribe/results/base_data_writer.h"
#include "cinescribe/results/record_json.h"
#include "cinescribe/results/scene_csv.h"

namespace cinescribe::pipeline {

namespace {

namespace fs = std::filesystem;

constexpr std::array kStageOrder = {"scenes", "frames", "speech", "sounds", "objects"};

results::BaseData header_of(const JournalState& state) {
  results::BaseData data;
  data.video = *state.facts;
  for (const char* name : kStageOrder) {
    const StageState* stage = state.finished(name);
    if (stage == nullptr) continue;
    data.stages.push_back({name, stage->settings_json});
    data.models.insert(data.models.end(), stage->models.begin(), stage->models.end());
    data.timings.push_back(stage->timing);
    if (stage->language) data.language = stage->language;
  }
  return data;
}

/// Files that hold the results of one stage alone.
std::vector<std::string> files_of(const std::string& stage) {
  if (stage == "speech") return transcript_file_names();
  if (stage == "sounds") return {kSoundTable};
  if (stage == "objects") return {kObjectTable, kTrackFile};
  return {};
}

/// Errors: kResource.
Status remove_files(const fs::path& folder, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    std::error_code code;
    fs::remove_all(folder / name, code);
    if (code) {
      return Error{ErrorCode::kResource, "cannot remove " + (folder / name).string() + ": " + code.message() +
                                             "; choose another folder with -o or change its permissions"};
    }
  }
  return {};
}

/// The scenes of a journal, in order; one over the whole length where there are none.
class SceneCursor {
 public:
  SceneCursor(const fs::path& journal, const JournalState& state)
      : units_(journal, "scenes", state.finished("scenes")), length_(state.facts->duration) {}

  Result<std::optional<results::SceneRecord>> next() {
    CINESCRIBE_ASSIGN(std::optional<std::string> unit, units_.next());
    if (unit) {
      is_first_ = false;
      CINESCRIBE_ASSIGN(results::SceneRecord scene, results::scene_from_json(*unit));
      return std::optional<results::SceneRecord>(std::move(scene));
    }
    if (!std::exchange(is_first_, false)) return std::optional<results::SceneRecord>();
    results::SceneRecord whole;
    whole.start_frame = -1;
    whole.end_frame = -1;
    whole.range = {Timestamp(), Timestamp() + length_};
    return std::optional<results::SceneRecord>(std::move(whole));
  }

 private:
  UnitCursor units_;
  Duration length_;
  bool is_first_ = true;
};

/// The pictures of one scene after the other.
class FrameCursor {
 public:
  FrameCursor(const fs::path& journal, const JournalState& state)
      : units_(journal, "frames", state.finished("frames")) {}

  Result<std::vector<std::string>> files_of(std::int64_t scene_index) {
    std::vector<std::string> files;
    CINESCRIBE_ASSIGN(std::optional<std::string> unit, units_.next());
    if (!unit) return files;
    const auto value = nlohmann::json::parse(*unit, nullptr, false);
    if (!value.is_object() || value.value("scene_index", std::int64_t{-1}) != scene_index || !value.contains("files") ||
        !value["files"].is_array()) {
      return Error{ErrorCode::kInternal, "the journal's pictures do not fit its scenes; run again with --force"};
    }
    for (const auto& file : value["files"]) {
      if (file.is_string()) files.push_back(file.get<std::string>());
    }
    return files;
  }

 private:
  UnitCursor units_;
};

SpeechByScene::Next segments_of(SegmentCursor& segments) {
  return [&segments] { return segments.next(); };
}

Result<ResultTotals> write_base_data(const fs::path& folder, const JournalState& state) {
  const fs::path journal = folder / "journal.jsonl";
  const results::BaseData header = header_of(state);
  CINESCRIBE_ASSIGN(auto table, AtomicFile::create(folder / "scenes.csv"));
  CINESCRIBE_TRY(table.write(results::scene_csv_header()));
  CINESCRIBE_ASSIGN(auto writer, results::BaseDataWriter::create(folder / "base_data.json", header));
  SceneCursor scenes(journal, state);
  FrameCursor frames(journal, state);
  SegmentCursor segments(UnitCursor(journal, "speech", state.finished("speech")));
  SpeechByScene speech(segments_of(segments));
  SoundFiles sounds(journal, state);
  CINESCRIBE_ASSIGN(const auto objects, ObjectFiles::open(folder, state));
  ResultTotals totals;
  CINESCRIBE_ASSIGN(std::optional<results::SceneRecord> scene, scenes.next());
  while (scene) {
    CINESCRIBE_ASSIGN(std::optional<results::SceneRecord> following, scenes.next());
    CINESCRIBE_ASSIGN(scene->speech, following ? speech.take_until(scene->range.end) : speech.take_rest());
    CINESCRIBE_ASSIGN(scene->frame_files, frames.files_of(scene->scene_index));
    CINESCRIBE_ASSIGN(scene->sounds, sounds.sounds_of(scene->scene_index));
    CINESCRIBE_ASSIGN(scene->objects, objects->tracks_of(scene->scene_index,
                                                         following ? std::optional(scene->range.end) : std::nullopt));
    CINESCRIBE_TRY(table.write(results::scene_csv_row(*scene)));
    CINESCRIBE_TRY(writer.scene(*scene));
    ++totals.scenes;
    scene = std::move(following);
  }
  CINESCRIBE_TRY(table.commit());
  CINESCRIBE_ASSIGN(totals.sounds, sounds.write(folder));
  CINESCRIBE_ASSIGN(totals.tracks, objects->finish());
  CINESCRIBE_TRY(writer.finish(header.timings));
  return totals;
}

}  // namespace

Result<ResultTotals> write_result_files(const fs::path& folder, const JournalState& state) {
  if (!state.facts)
    return Error{ErrorCode::kInternal, "the journal in " + folder.string() + " misses the video's facts"};
  const fs::path journal = folder / "journal.jsonl";
  // What a stage wrote whose results hold no more (it used others than there are now) must not stay behind.
  for (const char* stage : kStageOrder) {
    if (state.finished(stage) == nullptr) CINESCRIBE_TRY(remove_files(folder, files_of(stage)));
  }
  // base_data.json comes last: where it is, the others are.
  ResultTotals totals;
  if (const StageState* speech = state.finished("speech")) {
    SegmentCursor segments(UnitCursor(journal, "speech", speech));
    CINESCRIBE_ASSIGN(const TranscriptTotals transcript,
                      write_transcript_files(folder, speech->language, segments_of(segments)));
    totals.segments = transcript.segments;
    totals.words = transcript.words;
  }
  CINESCRIBE_ASSIGN(const ResultTotals base, write_base_data(folder, state));
  totals.scenes = base.scenes;
  totals.sounds = base.sounds;
  totals.tracks = base.tracks;
  return totals;
}

bool has_result_files(const fs::path& folder, const JournalState& state) {
  std::vector<std::string> names = {"base_data.json", "scenes.csv"};
  for (const char* stage : kStageOrder) {
    if (state.finished(stage) == nullptr) continue;
    const std::vector<std::string> files = files_of(stage);
    names.insert(names.end(), files.begin(), files.end());
  }
  return std::all_of(names.begin(), names.end(), [&folder](const std::string& name) {
    std::error_code code;
    return fs::is_regular_file(folder / name, code);
  });
}

std::uint64_t result_file_bytes(const fs::path& folder) {
  std::vector<std::string> names = {"base_data.json", "scenes.csv"};
  for (const char* stage : kStageOrder) {
    const std::vector<std::string> files = files_of(stage);
    names.insert(names.end(), files.begin(), files.end());
  }
  std::uint64_t sum = 0;
  for (const std::string& name : names) {
    std::error_code code;
    const std::uint64_t size = fs::file_size(folder / name, code);
    if (!code) sum += size;
  }
  return sum;
}

void remove_unfinished_files(const fs::path& folder) {
  std::error_code code;
  for (fs::directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code)) {
    const std::string name = entry->path().filename().string();
    std::error_code ignored;
    if (name.starts_with(".") && (name.ends_with(".part") || name.ends_with(".tmp")))
      fs::remove(entry->path(), ignored);
  }
}

Status remove_result_files(const fs::path& folder, ResultRemoval removal) {
  std::vector<std::string> names = {"base_data.json"};
  if (removal == ResultRemoval::kAll) {
    names.insert(names.end(), {"scenes.csv", "frames"});
    for (const char* stage : kStageOrder) {
      const std::vector<std::string> files = files_of(stage);
      names.insert(names.end(), files.begin(), files.end());
    }
  }
  return remove_files(folder, names);
}

}  // namespace cinescribe::pipeline
