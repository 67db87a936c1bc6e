#pragma once

#include <string>

namespace cinescribe::speech {

/// How the times of single words are found.
enum class WordTimes {
  kOff,    ///< No words, only segments.
  kFast,   ///< Guessed from the tokens and the sound's energy: cheap, often off by more than 0.2 s.
  kExact,  ///< By aligning the decoder's cross-attention with the sound (one more decoder pass per window).
};

/// How one recording is transcribed. The defaults are the product's.
struct TranscriptionOptions {
  std::string language;        ///< Whisper's code ("en") or name ("english"); empty = found out once per recording.
  bool translate = false;      ///< To English instead of transcribing. Only multilingual models.
  std::string initial_prompt;  ///< Names and spelling to follow; empty = none.
  bool use_vad = true;         ///< Only what the voice activity detection takes for speech is transcribed.

  int beam_size = 1;         ///< 1 = greedy; at most 8.
  int best_of = 5;           ///< Candidates per window when the temperature is above 0; at most 8.
  double temperature = 0.0;  ///< First temperature of the ladder.
  /// Step of the ladder up to 1.0 that is climbed while a window's text looks wrong (the three limits below); 0 =
  /// never.
  double temperature_step = 0.2;
  /// Let the model write time marks between phrases: they give segments their times where words have none (always on
  /// with WordTimes::kFast, which needs them). They cost decoder steps and, measured, words; without marks and words a
  /// segment is a whole window of up to 30 s.
  bool use_time_marks = false;
  double compression_ratio_limit = 2.4;  ///< Text that zlib shrinks by more than this repeats itself.
  double avg_logprob_limit = -1.0;       ///< Text less probable than this is guesswork.
  double no_speech_limit = 0.6;          ///< Above it, and with a low probability of the text, a window has no speech.
};

}  // namespace cinescribe::speech
