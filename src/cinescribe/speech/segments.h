#pragma once

#include <string_view>
#include <vector>

#include "cinescribe/speech/decoded_window.h"
#include "cinescribe/speech/speech_window.h"
#include "cinescribe/speech/transcriber.h"
#include "cinescribe/speech/transcription_options.h"

namespace cinescribe::speech {

/// Makes segments, in the recording's time, of what was heard in a window. Segments end at the model's time marks;
/// with words also at the ends of sentences, of clauses where a sentence is long, and at pauses. They do not overlap
/// and none is empty.
std::vector<Segment> make_segments(const DecodedWindow& decoded, const SpeechWindow& window, std::string_view language,
                                   WordTimes word_times);

}  // namespace cinescribe::speech
