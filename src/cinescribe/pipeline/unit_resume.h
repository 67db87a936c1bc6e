#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/objects/detection.h"
#include "cinescribe/pipeline/journal_state.h"
#include "cinescribe/results/records.h"
#include "cinescribe/sounds/tag_pool.h"
#include "cinescribe/speech/transcriber.h"

/// What units of the journal hold beside results: what a later run needs to go on after them, under the key "resume".
/// All that is read may be damaged: errors are kInternal, with the advice to use --force.
namespace cinescribe::pipeline {

/// {"segments": […], "resume": {"window", "end_sample", "language": {…}}}
std::string speech_unit_json(const speech::SpokenWindow& window, const std::vector<results::SegmentRecord>& segments);
Result<speech::TranscribedPart> transcribed_part(std::string_view unit);

/// Pulls the segments out of speech units one after the other. A unit may also be one segment alone.
class SegmentCursor {
 public:
  explicit SegmentCursor(UnitCursor units) : units_(std::move(units)) {}
  /// Empty after the last.
  Result<std::optional<results::SegmentRecord>> next();

 private:
  UnitCursor units_;
  std::vector<results::SegmentRecord> segments_;
  std::size_t taken_ = 0;
};

/// A sound unit with the entries of the time line that are open behind it: "resume": {"open": [[label index,
/// start_ns, end_ns, max_score], …]}.
std::string sound_unit_json(const results::SoundUnit& unit, const std::vector<sounds::TimedTag>& open);
/// Label indices are below `labels`.
Result<std::vector<sounds::TimedTag>> open_sounds(std::string_view unit, std::size_t labels);

/// An object unit with every detection that the tracker was given, picture by picture: tracks come out of them again
/// without the network. "resume": {"seen": "…"}: a picture's detections "class,score,x1,y1,x2,y2" with blanks between
/// them, each picture closed by ';'; numbers are exact.
std::string object_unit_json(const results::ObjectUnit& unit, const std::vector<std::vector<objects::Detection>>& seen);
Result<std::vector<std::vector<objects::Detection>>> seen_objects(std::string_view unit);

}  // namespace cinescribe::pipeline
