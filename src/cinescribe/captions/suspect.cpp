#include "cinescribe/captions/suspect.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <vector>

namespace cinescribe::captions {

namespace {

constexpr std::size_t kLongestPhrase = 24;      ///< Words of a phrase whose repetition is looked for.
constexpr std::size_t kLeastRepeats = 4;        ///< A phrase may come three times in a row.
constexpr std::size_t kLeastRepeatedWords = 6;  ///< "very very very very" alone is a manner of speaking.
constexpr std::size_t kWordsToJudgeVariety = 40;
constexpr std::size_t kMostShown = 40;

using Words = std::vector<std::string_view>;

Words split_at_spaces(std::string_view text) {
  Words words;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t start = text.find_first_not_of(" \n\r\t", i);
    if (start == std::string_view::npos) break;
    i = std::min(text.find_first_of(" \n\r\t", start), text.size());
    words.push_back(text.substr(start, i - start));
  }
  return words;
}

/// Characters of UTF-8, for writing without spaces.
Words split_characters(std::string_view text) {
  Words characters;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
    characters.push_back(text.substr(i, end - i));
    i = end;
  }
  return characters;
}

std::string shown(std::string_view phrase) {
  if (phrase.size() <= kMostShown) return std::string(phrase);
  std::size_t end = kMostShown;
  while (end > 0 && (static_cast<unsigned char>(phrase[end]) & 0xC0U) == 0x80U) --end;
  return std::string(phrase.substr(0, end)) + "…";
}

/// The phrase that comes most often in a row.
std::string repetition(const Words& words) {
  std::size_t most = 0;
  std::string reason;
  for (std::size_t period = 1; period <= std::min(kLongestPhrase, words.size() / 2); ++period) {
    std::size_t run = 0;  // words equal to the one `period` before
    for (std::size_t i = period; i <= words.size(); ++i) {
      if (i < words.size() && words[i] == words[i - period]) {
        ++run;
        continue;
      }
      const std::size_t repeats = run / period + 1;
      if (repeats >= kLeastRepeats && run + period >= kLeastRepeatedWords && repeats > most) {
        most = repeats;
        const std::string_view first = words[i - run - period];
        const std::string_view last = words[i - run - 1];
        const std::string_view phrase(first.data(), static_cast<std::size_t>(last.data() + last.size() - first.data()));
        reason = "repeats '" + shown(phrase) + "' " + std::to_string(repeats) + " times";
      }
      run = 0;
    }
  }
  return reason;
}

std::size_t replacement_characters(std::string_view text) {
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  std::size_t count = 0;
  for (std::size_t i = text.find(kReplacement); i != std::string_view::npos; i = text.find(kReplacement, i + 3))
    ++count;
  return count;
}

}  // namespace

std::string suspect_reason(std::string_view text) {
  Words words = split_at_spaces(text);
  if (words.empty()) return "empty";
  if (std::string reason = repetition(words); !reason.empty()) return reason;
  const bool has_few_spaces = text.size() > 12 * words.size();
  if (has_few_spaces) {
    if (std::string reason = repetition(split_characters(text)); !reason.empty()) return reason;
  }
  const std::set<std::string_view> distinct(words.begin(), words.end());
  if (words.size() >= kWordsToJudgeVariety && distinct.size() * 5 < words.size()) {
    return "uses the same " + std::to_string(distinct.size()) + " words over and over";
  }
  if (replacement_characters(text) > 2) return "holds bytes that are no text";
  return {};
}

}  // namespace cinescribe::captions
