#include "cinescribe/speech/whisper_text.h"

#include <algorithm>
#include <cstddef>

namespace cinescribe::speech {

namespace {

enum class Kind { kLetter, kDigit, kSpace, kOther };

Kind kind_of(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x80 || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')) return Kind::kLetter;
  if (byte >= '0' && byte <= '9') return Kind::kDigit;
  if (byte == ' ' || (byte >= '\t' && byte <= '\r')) return Kind::kSpace;
  return Kind::kOther;
}

/// Length of the word at the beginning of `text`: one space and a run of letters, digits or other signs, or spaces.
std::size_t word_length(std::string_view text) {
  const std::size_t lead = text[0] == ' ' && text.size() > 1 && kind_of(text[1]) != Kind::kSpace ? 1 : 0;
  const Kind kind = kind_of(text[lead]);
  std::size_t end = lead + 1;
  while (end < text.size() && kind_of(text[end]) == kind) ++end;
  // The last of several spaces belongs to the word behind them.
  if (kind == Kind::kSpace && end < text.size() && end > 1 && text[end - 1] == ' ') --end;
  return end;
}

}  // namespace

WhisperText::WhisperText(const std::vector<std::string>& vocabulary, int end_of_text) {
  const auto count = std::min(vocabulary.size(), static_cast<std::size_t>(end_of_text));
  for (std::size_t i = 0; i < count; ++i) {
    if (vocabulary[i].empty()) continue;
    ids_.emplace(vocabulary[i], static_cast<int>(i));
    longest_ = std::max(longest_, vocabulary[i].size());
  }
}

std::vector<int> WhisperText::tokenise(std::string_view text) const {
  std::vector<int> tokens;
  while (!text.empty()) {
    std::string_view word = text.substr(0, word_length(text));
    text.remove_prefix(word.size());
    while (!word.empty()) {
      std::size_t length = std::min(word.size(), longest_);
      auto found = ids_.end();
      for (; length > 0; --length) {
        found = ids_.find(std::string(word.substr(0, length)));
        if (found != ids_.end()) break;
      }
      if (length > 0) tokens.push_back(found->second);
      word.remove_prefix(std::max<std::size_t>(1, length));
    }
  }
  return tokens;
}

}  // namespace cinescribe::speech
