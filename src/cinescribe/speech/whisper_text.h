#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cinescribe::speech {

/// Turns text into Whisper's tokens. The model file has the tokens but not the order in which they were merged, so each
/// word is covered by the longest tokens from its beginning, as whisper.cpp does. Thread-safe.
class WhisperText {
 public:
  /// `vocabulary`: bytes of the text tokens; those from `end_of_text` on are left out.
  WhisperText(const std::vector<std::string>& vocabulary, int end_of_text);
  /// Bytes that no token covers are left out.
  [[nodiscard]] std::vector<int> tokenise(std::string_view text) const;

 private:
  std::unordered_map<std::string, int> ids_;
  std::size_t longest_ = 1;
};

}  // namespace cinescribe::speech
