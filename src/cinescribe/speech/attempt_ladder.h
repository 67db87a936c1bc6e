#pragma once

#include <cstddef>
#include <vector>

#include "cinescribe/speech/decoded_window.h"
#include "cinescribe/speech/transcription_options.h"

namespace cinescribe::speech {

/// Positions of Whisper's encoder per second of sound, and for a full window.
inline constexpr double kPositionsPerSecond = 50.0;
inline constexpr int kFullAudioContext = 1500;

/// One try at a window.
struct Attempt {
  double temperature = 0.0;
  int audio_ctx = kFullAudioContext;  ///< Encoder positions; fewer are faster.
};

/// What is tried with a window of so many samples, in order, until the text looks right: first the shortest context
/// that holds the sound, then the full one, then higher temperatures. Never empty.
std::vector<Attempt> attempt_ladder(std::size_t samples, const TranscriptionOptions& options);

/// Which of two doubtful results to keep.
bool is_better_attempt(const DecodedWindow& a, const DecodedWindow& b, const TranscriptionOptions& options);

}  // namespace cinescribe::speech
