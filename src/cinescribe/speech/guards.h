#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "cinescribe/speech/transcription_options.h"

namespace cinescribe::speech {

/// How many times smaller zlib makes the text; 0 for an empty text. Ordinary speech: 1.2 to 2.
double compression_ratio(std::string_view text);

/// What a decoding attempt of one window looks like from outside.
struct AttemptFigures {
  double avg_logprob = 0.0;
  double no_speech_prob = 0.0;
  double compression_ratio = 0.0;
};

/// True when the model itself says that nobody speaks here: such a text is dropped.
bool is_silence(const AttemptFigures& figures, const TranscriptionOptions& options);

/// True when the text repeats itself or is guesswork, so that another attempt is worth its time.
bool is_doubtful(const AttemptFigures& figures, const TranscriptionOptions& options);

/// Which tokens remain when every phrase of up to 24 tokens that comes more than three times in a row is kept once.
/// What comes out of a decoder that loops is not what was said.
std::vector<std::size_t> positions_without_loops(std::span<const int> token_ids);

}  // namespace cinescribe::speech
