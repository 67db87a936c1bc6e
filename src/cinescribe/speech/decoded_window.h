#pragma once

#include <string>
#include <vector>

#include "cinescribe/speech/guards.h"

namespace cinescribe::speech {

/// One token as the decoder wrote it. Times are seconds of the window; -1 where nothing is known.
struct DecodedToken {
  int id = 0;
  bool is_timestamp = false;  ///< A time mark; `begin_seconds` is what it says, `bytes` is empty.
  std::string bytes;          ///< Part of the text: raw bytes, perhaps only half a character.
  double probability = 0.0;
  double begin_seconds = -1.0;
  double end_seconds = -1.0;  ///< Where unknown: the beginning of the next token.
};

/// What was heard in one window.
struct DecodedWindow {
  std::vector<DecodedToken> tokens;
  AttemptFigures figures;
  double temperature = 0.0;
};

}  // namespace cinescribe::speech
