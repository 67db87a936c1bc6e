#pragma once

// The one place that sees whisper.h; private to the room.
#include <memory>

#include <whisper.h>

namespace cinescribe::speech {

struct WhisperContextDeleter {
  void operator()(whisper_context* context) const { whisper_free(context); }
};
using WhisperContext = std::unique_ptr<whisper_context, WhisperContextDeleter>;

struct WhisperStateDeleter {
  void operator()(whisper_state* state) const { whisper_free_state(state); }
};
using WhisperState = std::unique_ptr<whisper_state, WhisperStateDeleter>;

}  // namespace cinescribe::speech
