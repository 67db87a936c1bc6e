#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/speech/decoded_window.h"

namespace cinescribe::speech {

/// A word and the tokens that spell it. Times are seconds of the window; -1 where nothing is known.
struct WindowWord {
  std::string text;  ///< With its leading space; valid UTF-8.
  double begin_seconds = -1.0;
  double end_seconds = -1.0;
  double probability = 0.0;  ///< Mean over the tokens.
  std::size_t first_token = 0;
  std::size_t token_count = 0;
};

/// Groups the text tokens (time marks are skipped) to words: at spaces, or at every character for languages that write
/// none; punctuation joins its word. A word ends where the next token begins; the last one at `end_seconds`.
/// @source faster-whisper 1.2.1: what its word times count as a word
std::vector<WindowWord> group_words(std::span<const DecodedToken> tokens, std::string_view language,
                                    double end_seconds);

/// Shortens words that reach over a pause: an aligned word lasts until the next one begins, however long the silence.
void limit_word_lengths(std::vector<WindowWord>& words);

/// The text with every byte that is not part of valid UTF-8 replaced by U+FFFD.
std::string valid_utf8(std::string_view bytes);

}  // namespace cinescribe::speech
