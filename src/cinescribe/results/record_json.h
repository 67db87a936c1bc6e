#pragma once

#include <string>
#include <string_view>

#include "cinescribe/core/status.h"
#include "cinescribe/results/base_data.h"
#include "cinescribe/results/records.h"

/// Records as JSON text, one object without line breaks, keys always in the same order (docs/schema). Times are
/// seconds, exact to the nanosecond; text that is no UTF-8 has its bad bytes replaced. What is read may come from
/// anywhere: errors are kInput and name the key that is missing or of the wrong kind.
namespace cinescribe::results {

std::string scene_json(const SceneRecord& scene);
std::string segment_json(const SegmentRecord& segment);
/// {"scene_index", "windows", "tags": [...], "time_line": [...]}
std::string sound_unit_json(const SoundUnit& unit);
/// {"frames": [{"frame", "time_seconds", "boxes": [[track_id, class_id, score, x1, y1, x2, y2], ...]}, ...]}
std::string object_unit_json(const ObjectUnit& unit);
std::string video_facts_json(const VideoFacts& facts);
std::string language_json(const SpokenLanguage& language);

Result<SceneRecord> scene_from_json(std::string_view text);
Result<SegmentRecord> segment_from_json(std::string_view text);
Result<SoundUnit> sound_unit_from_json(std::string_view text);
Result<ObjectUnit> object_unit_from_json(std::string_view text);
Result<VideoFacts> video_facts_from_json(std::string_view text);
Result<SpokenLanguage> language_from_json(std::string_view text);

}  // namespace cinescribe::results
