#include "cinescribe/speech/guards.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include <zlib.h>

namespace cinescribe::speech {

double compression_ratio(std::string_view text) {
  if (text.empty()) return 0.0;
  uLongf size = compressBound(static_cast<uLong>(text.size()));
  std::vector<Bytef> packed(size);
  const auto* bytes = reinterpret_cast<const Bytef*>(text.data());
  if (compress(packed.data(), &size, bytes, static_cast<uLong>(text.size())) != Z_OK || size == 0) return 0.0;
  return static_cast<double>(text.size()) / static_cast<double>(size);
}

bool is_silence(const AttemptFigures& figures, const TranscriptionOptions& options) {
  constexpr double kNearlyCertain = 0.9;  // then half of the doubt about the text is enough
  const double limit =
      figures.no_speech_prob > kNearlyCertain ? options.avg_logprob_limit / 2 : options.avg_logprob_limit;
  return figures.no_speech_prob > options.no_speech_limit && figures.avg_logprob < limit;
}

bool is_doubtful(const AttemptFigures& figures, const TranscriptionOptions& options) {
  if (figures.compression_ratio > options.compression_ratio_limit) return true;
  return figures.avg_logprob < options.avg_logprob_limit && !is_silence(figures, options);
}

std::vector<std::size_t> positions_without_loops(std::span<const int> token_ids) {
  constexpr std::size_t kLongestPhrase = 24;
  constexpr std::size_t kMostRepeats = 3;
  std::vector<std::size_t> kept;
  std::size_t i = 0;
  while (i < token_ids.size()) {
    std::size_t phrase = 0;
    std::size_t repeats = 1;
    for (std::size_t length = 1; length <= kLongestPhrase && repeats <= kMostRepeats; ++length) {
      phrase = length;
      repeats = 1;
      const auto first = token_ids.subspan(i).first(std::min(length, token_ids.size() - i));
      while (i + (repeats + 1) * length <= token_ids.size() &&
             std::ranges::equal(first, token_ids.subspan(i + repeats * length, length))) {
        ++repeats;
      }
    }
    const std::size_t keep = repeats > kMostRepeats ? phrase : 1;
    for (std::size_t k = 0; k < keep; ++k) kept.push_back(i + k);
    i += repeats > kMostRepeats ? phrase * repeats : 1;
  }
  return kept;
}

}  // namespace cinescribe::speech
