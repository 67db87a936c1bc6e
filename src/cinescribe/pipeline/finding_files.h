#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "cinescribe/core/atomic_file.h"
#include "cinescribe/core/status.h"
#include "cinescribe/pipeline/journal_state.h"
#include "cinescribe/pipeline/objects_by_scene.h"
#include "cinescribe/results/records.h"

namespace cinescribe::pipeline {

/// Names of the files that `SoundFiles` and `ObjectFiles` write.
inline constexpr const char* kSoundTable = "sounds.csv";
inline constexpr const char* kObjectTable = "objects.csv";
inline constexpr const char* kTrackFile = "tracks.mot.txt";

/// What was heard, one scene after the other, from the journal; on the way it gathers the time line for sounds.csv
/// (held in memory: a day of sound gives some thousand entries). Without the stage "sounds" it gives nothing.
class SoundFiles {
 public:
  SoundFiles(const std::filesystem::path& journal, const JournalState& state)
      : is_wanted_(state.finished("sounds") != nullptr), units_(journal, "sounds", state.finished("sounds")) {}

  /// Errors: kInternal (the journal does not fit the scenes).
  Result<std::vector<results::SoundRecord>> sounds_of(std::int64_t scene_index);
  /// Writes sounds.csv, by start; gives the number of entries. Call once, after the last scene. Errors: kResource.
  Result<std::int64_t> write(const std::filesystem::path& folder);

 private:
  bool is_wanted_;
  UnitCursor units_;
  std::vector<results::SoundSpan> time_line_;
};

/// What was seen, one scene after the other, from the journal; on the way it writes objects.csv (a line per track and
/// scene) and tracks.mot.txt (every box, frames from 1, classes in column 8). Without the stage "objects" it gives and
/// writes nothing.
class ObjectFiles {
 public:
  /// Errors: kResource.
  static Result<std::unique_ptr<ObjectFiles>> open(const std::filesystem::path& folder, const JournalState& state);

  /// The tracks of a scene, which ends at `end`; the last scene has no end. Errors: kResource, kInternal.
  Result<std::vector<results::TrackRecord>> tracks_of(std::int64_t scene_index, std::optional<Timestamp> end);
  /// Makes the files visible; gives the number of different tracks (ids rise, so each new highest is one).
  /// Errors: kResource.
  Result<std::int64_t> finish();

 private:
  ObjectFiles(const std::filesystem::path& folder, const JournalState& state);

  UnitCursor units_;
  ObjectsByScene scenes_;
  std::optional<AtomicFile> table_;
  std::optional<AtomicFile> boxes_;
  std::int64_t tracks_ = 0;
  std::int64_t highest_id_ = 0;
};

}  // namespace cinescribe::pipeline
