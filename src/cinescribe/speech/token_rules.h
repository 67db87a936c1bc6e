#pragma once

#include <span>
#include <string>
#include <vector>

namespace cinescribe::speech {

/// Whisper's special tokens. Text tokens are below `end_of_text`, time marks from `first_mark` on (20 ms apart).
struct TokenIds {
  int end_of_text = 0;
  int start = 0;
  int first_language = 0;
  int languages = 0;  ///< 0 for English-only models.
  int translate = 0;
  int transcribe = 0;
  int previous = 0;  ///< Introduces what was said before.
  int no_speech = 0;
  int no_marks = 0;
  int first_mark = 0;
};

/// Precondition: 51864 <= n_vocab <= 51866.
/// @source openai/whisper tokenizer.py
TokenIds token_ids(int n_vocab);

/// Which tokens may come next. Thread-safe.
/// @source openai/whisper decoding.py: SuppressBlank, SuppressTokens, ApplyTimestampRules
class TokenRules {
 public:
  /// `vocabulary`: bytes of the tokens, as in the model file.
  TokenRules(const std::vector<std::string>& vocabulary, int n_vocab);

  [[nodiscard]] const TokenIds& ids() const { return ids_; }
  /// Sets the logits of tokens that may not follow `written` to -inf.
  void apply(std::span<float> logits, std::span<const int> written, bool has_marks) const;

 private:
  void apply_marks(std::span<float> logits, std::span<const int> written) const;

  TokenIds ids_;
  std::vector<int> never_;
  std::vector<int> never_first_;
};

}  // namespace cinescribe::speech
