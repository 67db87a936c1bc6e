#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/pipeline/journal.h"
#include "cinescribe/pipeline/media_identity.h"
#include "cinescribe/results/base_data.h"

/// What a journal says. Its records, in the order in which one stage writes them:
///   media (of the video)     {"source", "size_bytes", "fingerprint"}: first record; whose journal this is
///   facts (of the video)     the `video` object of base_data.json; the last one counts
///   begin (of a stage)       {"settings", "key", "after", "after_stage", "models"}: a later begin supersedes all the
///                            stage wrote before
///   unit (of a stage)        a result, in order; "resume" in it is what a later run needs to go on after it
///   spent (of a stage)       {"wall_seconds", "busy_seconds"}: time up to here, now and then
///   resume (of a stage)      {"units"}: another run goes on after so many units
///   language ("speech")      {"code", "probability"}
///   detector ("objects")     {"model", "layout", "input_width", "input_height", "classes"}
///   end (of a stage)         {"wall_seconds", "busy_seconds", "media_seconds"}: the stage is finished
///   written (of the video)   {"key", "scenes", "segments", "words", "sounds", "tracks"}: the files beside the journal
///                            hold exactly these finished stages
namespace cinescribe::pipeline {

/// What decides a stage's results, and its state.
struct StageState {
  std::string settings_json = "{}";
  std::string key;          ///< Hash over settings, models and whatever it came after: same key, same results.
  std::string after;        ///< Key of the stage whose results it used; empty if none.
  std::string after_stage;  ///< Name of that stage, also where it had no results to use.
  std::vector<results::ModelRecord> models;
  std::uint64_t begin_offset = 0;  ///< Of its valid `begin` record in the file.
  bool is_done = false;
  std::int64_t units = 0;       ///< Filed since the beginning.
  std::string last_unit;        ///< Of an unfinished stage.
  results::StageTiming timing;  ///< Of an unfinished stage: what was spent so far.
  std::optional<results::SpokenLanguage> language;
  std::vector<std::string> class_names;  ///< What a detector can see, by class id.
};

/// What the files of one video hold.
struct ResultTotals {
  std::int64_t scenes = 0;
  std::int64_t segments = 0;
  std::int64_t words = 0;
  std::int64_t sounds = 0;  ///< Entries of the time line.
  std::int64_t tracks = 0;  ///< Different ids.
};

struct JournalState {
  std::optional<MediaIdentity> media;
  std::optional<results::VideoFacts> facts;
  std::map<std::string, StageState> stages;
  std::string written_key;
  ResultTotals written_totals;

  /// Whether the stage is finished with this key.
  [[nodiscard]] bool is_done(const std::string& stage, const std::string& key) const;
  /// The state of a finished stage whose own basis still holds; else null.
  [[nodiscard]] const StageState* finished(const std::string& stage) const;
};

/// Reads a journal once from start to end; lines that cannot be read end it. A missing file is an empty journal.
/// Errors: kInput for a file that is no journal of this version.
Result<JournalState> read_journal(const std::filesystem::path& path);

/// Walks over the units of one stage, in order, one in memory at a time.
class UnitCursor {
 public:
  /// A null `state` gives no units.
  UnitCursor(const std::filesystem::path& path, std::string stage, const StageState* state);
  /// The first `units` units of a stage that need not be finished; others may append meanwhile.
  UnitCursor(const std::filesystem::path& path, std::string stage, std::uint64_t begin_offset, std::int64_t units);
  /// The next unit's JSON; empty after the last. Errors: kInternal when the journal ended before the stage did.
  Result<std::optional<std::string>> next();

 private:
  std::filesystem::path path_;
  std::string stage_;
  std::ifstream stream_;
  std::int64_t left_ = std::numeric_limits<std::int64_t>::max();
  bool is_over_ = false;
};

}  // namespace cinescribe::pipeline
