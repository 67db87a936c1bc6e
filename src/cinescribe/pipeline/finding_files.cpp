#include "cinescribe/pipeline/finding_files.h"

#include <algorithm>
#include <string>
#include <utility>

#include "cinescribe/objects/mot_file.h"
#include "cinescribe/results/finding_csv.h"
#include "cinescribe/results/record_json.h"

namespace cinescribe::pipeline {

namespace {

ObjectsByScene::Next units_of(UnitCursor& units) {
  return [&units]() -> Result<std::optional<results::ObjectUnit>> {
    CINESCRIBE_ASSIGN(const std::optional<std::string> text, units.next());
    if (!text) return std::optional<results::ObjectUnit>();
    CINESCRIBE_ASSIGN(results::ObjectUnit unit, results::object_unit_from_json(*text));
    return std::optional<results::ObjectUnit>(std::move(unit));
  };
}

std::string mot_lines(const results::FrameBoxes& frame) {
  std::string lines;
  for (const results::BoxRecord& record : frame.boxes) {
    objects::TrackedBox box;
    box.track_id = record.track_id;
    box.class_id = record.class_id;
    box.score = static_cast<float>(record.score);
    box.box = {static_cast<float>(record.box[0]), static_cast<float>(record.box[1]), static_cast<float>(record.box[2]),
               static_cast<float>(record.box[3])};
    lines += objects::mot_line(frame.frame + 1, box);
  }
  return lines;
}

ObjectsByScene::Options options_of(const JournalState& state) {
  ObjectsByScene::Options options;
  if (state.facts && state.facts->picture) {
    options.picture_width = state.facts->picture->width;
    options.picture_height = state.facts->picture->height;
  }
  if (const StageState* objects = state.finished("objects")) options.class_names = objects->class_names;
  return options;
}

}  // namespace

Result<std::vector<results::SoundRecord>> SoundFiles::sounds_of(std::int64_t scene_index) {
  CINESCRIBE_ASSIGN(const std::optional<std::string> text, units_.next());
  if (!text) return std::vector<results::SoundRecord>();
  CINESCRIBE_ASSIGN(results::SoundUnit unit, results::sound_unit_from_json(*text));
  if (unit.scene_index != scene_index) {
    return Error{ErrorCode::kInternal, "the journal's sounds do not fit its scenes; run again with --force"};
  }
  time_line_.insert(time_line_.end(), unit.time_line.begin(), unit.time_line.end());
  return std::move(unit.tags);
}

Result<std::int64_t> SoundFiles::write(const std::filesystem::path& folder) {
  if (!is_wanted_) return std::int64_t{0};
  std::stable_sort(time_line_.begin(), time_line_.end(),
                   [](const auto& a, const auto& b) { return a.range.start < b.range.start; });
  CINESCRIBE_ASSIGN(auto table, AtomicFile::create(folder / kSoundTable));
  CINESCRIBE_TRY(table.write(results::sound_csv_header()));
  for (const results::SoundSpan& span : time_line_) CINESCRIBE_TRY(table.write(results::sound_csv_row(span)));
  CINESCRIBE_TRY(table.commit());
  return static_cast<std::int64_t>(time_line_.size());
}

ObjectFiles::ObjectFiles(const std::filesystem::path& folder, const JournalState& state)
    : units_(folder / "journal.jsonl", "objects", state.finished("objects")),
      scenes_(
          [&] {
            ObjectsByScene::Options options = options_of(state);
            options.on_frame = [this](const results::FrameBoxes& frame) { return boxes_->write(mot_lines(frame)); };
            return options;
          }(),
          units_of(units_)) {}

Result<std::unique_ptr<ObjectFiles>> ObjectFiles::open(const std::filesystem::path& folder, const JournalState& state) {
  std::unique_ptr<ObjectFiles> files(new ObjectFiles(folder, state));
  if (state.finished("objects") == nullptr) return files;
  CINESCRIBE_ASSIGN(auto table, AtomicFile::create(folder / kObjectTable));
  files->table_.emplace(std::move(table));
  CINESCRIBE_ASSIGN(auto boxes, AtomicFile::create(folder / kTrackFile));
  files->boxes_.emplace(std::move(boxes));
  CINESCRIBE_TRY(files->table_->write(results::object_csv_header()));
  return files;
}

Result<std::vector<results::TrackRecord>> ObjectFiles::tracks_of(std::int64_t scene_index,
                                                                 std::optional<Timestamp> end) {
  if (!table_) return std::vector<results::TrackRecord>();
  CINESCRIBE_ASSIGN(std::vector<results::TrackRecord> tracks, end ? scenes_.take_until(*end) : scenes_.take_rest());
  for (const results::TrackRecord& track : tracks) {
    CINESCRIBE_TRY(table_->write(results::object_csv_row(scene_index, track)));
    tracks_ += track.track_id > highest_id_ ? 1 : 0;
    highest_id_ = std::max(highest_id_, track.track_id);
  }
  return tracks;
}

Result<std::int64_t> ObjectFiles::finish() {
  if (!table_) return std::int64_t{0};
  CINESCRIBE_TRY(table_->commit());
  CINESCRIBE_TRY(boxes_->commit());
  return tracks_;
}

}  // namespace cinescribe::pipeline
