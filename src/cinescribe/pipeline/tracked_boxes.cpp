#include "cinescribe/pipeline/tracked_boxes.h"

#include "cinescribe/results/record_json.h"

namespace cinescribe::pipeline {
namespace {

constexpr const char* kJournal = "journal.jsonl";
constexpr const char* kStage = "objects";

}  // namespace

Result<TrackedBoxes> TrackedBoxes::open(const std::filesystem::path& video_folder) {
  const std::filesystem::path journal = video_folder / kJournal;
  CINESCRIBE_ASSIGN(const JournalState state, read_journal(journal));
  const StageState* objects = state.finished(kStage);
  if (objects == nullptr) {
    return Error{ErrorCode::kInput, "there are no tracked boxes in " + journal.string() +
                                        "; run cinescribe analyze with the stage 'objects', or cinescribe objects"};
  }
  return TrackedBoxes(UnitCursor(journal, kStage, objects), objects->class_names);
}

Result<std::optional<results::ObjectUnit>> TrackedBoxes::next() {
  CINESCRIBE_ASSIGN(const std::optional<std::string> text, units_.next());
  if (!text) return std::optional<results::ObjectUnit>();
  CINESCRIBE_ASSIGN(results::ObjectUnit unit, results::object_unit_from_json(*text));
  return std::optional<results::ObjectUnit>(std::move(unit));
}

std::string source_of(const std::filesystem::path& video_folder) {
  const auto state = read_journal(video_folder / kJournal);
  return state.ok() && state->media ? state->media->source.string() : std::string();
}

}  // namespace cinescribe::pipeline
