#pragma once

#include <cstdint>
#include <string>

#include "cinescribe/results/records.h"

/// What was heard and seen as tables, a line at a time, each with its line break.
namespace cinescribe::results {

std::string sound_csv_header();
std::string sound_csv_row(const SoundSpan& span);

std::string object_csv_header();
/// One track in one scene; a track that goes on over a cut has a line in each scene, with the same id.
std::string object_csv_row(std::int64_t scene_index, const TrackRecord& track);

}  // namespace cinescribe::results
