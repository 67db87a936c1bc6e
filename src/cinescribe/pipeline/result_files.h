#pragma once

#include <cstdint>
#include <filesystem>

#include "cinescribe/core/status.h"
#include "cinescribe/pipeline/journal_state.h"

namespace cinescribe::pipeline {

/// Writes the files of one video from its journal (`folder`/journal.jsonl): base_data.json and scenes.csv, and with the
/// stage "speech" transcript.srt, .vtt, .txt and .json, with "sounds" sounds.csv, with "objects" objects.csv and
/// tracks.mot.txt. Every finished stage goes in. Units are read one at a time;
/// each file appears whole or not at all. The same journal gives the same bytes.
/// Without scenes (sound alone, or the stage was left out) the whole length is one scene without frame numbers.
/// Errors: kResource (disk), kInternal (the journal misses something).
Result<ResultTotals> write_result_files(const std::filesystem::path& folder, const JournalState& state);

/// Whether all files that `write_result_files` makes of this state are there.
bool has_result_files(const std::filesystem::path& folder, const JournalState& state);

/// Bytes of the files that `write_result_files` makes.
std::uint64_t result_file_bytes(const std::filesystem::path& folder);

/// Removes what a killed process left half-written. Only where no other process writes into the folder.
void remove_unfinished_files(const std::filesystem::path& folder);

enum class ResultRemoval {
  kMain,  ///< base_data.json, which stands for the whole.
  kAll,   ///< All files but the journal, and the pictures: they are of another video.
};
/// Removes files of an earlier run. Errors: kResource.
Status remove_result_files(const std::filesystem::path& folder, ResultRemoval removal);

}  // namespace cinescribe::pipeline
