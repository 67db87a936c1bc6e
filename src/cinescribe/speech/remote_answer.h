#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/core/time.h"
#include "cinescribe/speech/transcriber.h"

namespace cinescribe::speech {

/// What a server heard in one chunk.
struct RemoteAnswer {
  std::string language;  ///< As the server spells it, e.g. "english" or "en"; may be empty.
  std::vector<Segment> segments;
};

/// Reads the `verbose_json` answer of an OpenAI-compatible transcription server. Times come out within `range`, in
/// order; words go to their segments with the spaces and punctuation of the segment's text. Segments without text are
/// left out. `text` is untrusted. Error: kResource (what is missing or wrong, with the answer's beginning).
/// @source OpenAI API reference, "The transcription object (Verbose JSON)"
Result<RemoteAnswer> parse_remote_answer(std::string_view text, TimeRange range);

}  // namespace cinescribe::speech
