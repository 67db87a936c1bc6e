#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "cinescribe/core/status.h"
#include "cinescribe/results/caption_data.h"

/// What the journal of one captioner and one video says (`journal.jsonl` beside its vlm_captions.json). Records, all of
/// the stage "captions":
///   begin    {"key", "settings"}: supersedes everything before it
///   unit     one caption (results/caption_json.h), in the order in which they were finished
///   written  {"key", "scenes", "captions", "failures", "suspects"}: the file beside the journal holds exactly these
namespace cinescribe::pipeline {

inline constexpr const char* kCaptionStage = "captions";

struct CaptionJournalState {
  std::string key;                              ///< Of the last `begin`: same key, same captions.
  std::map<std::int64_t, std::uint64_t> units;  ///< Scene index -> offset of its line.
  std::set<std::int64_t> lost;  ///< Of these: scenes that were lost with the captioner's process, to be tried again.
  std::string written_key;
  results::CaptionTotals written_totals;
};

/// Reads the journal once; lines that cannot be read end it. A missing file is an empty journal.
CaptionJournalState read_caption_journal(const std::filesystem::path& path);

/// The caption in the line at `offset`. Errors: kInternal when the journal was changed meanwhile.
Result<results::CaptionRecord> read_caption_unit(const std::filesystem::path& path, std::uint64_t offset);

}  // namespace cinescribe::pipeline
