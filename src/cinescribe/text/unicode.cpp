#include "cinescribe/text/unicode.h"

#include <algorithm>
#include <iterator>

namespace cinescribe::text {
namespace {

struct CodePointRange {
  char32_t first;
  char32_t last;
};

/// Every `step`-th code point from first to last maps to itself plus `distance`.
struct CodePointRun {
  char32_t first;
  char32_t last;
  int step;
  int distance;
};

/// A code point that maps to two or three; unused places are 0.
struct LongMapping {
  char32_t from;
  char32_t to[3];  // NOLINT(modernize-avoid-c-arrays): initialised by the generated table
};

#include "cinescribe/text/unicode_tables.inc"

template <typename Table>
bool is_in(const Table& ranges, char32_t c) {
  const auto after = std::upper_bound(std::begin(ranges), std::end(ranges), c,
                                      [](char32_t value, const CodePointRange& range) { return value < range.first; });
  return after != std::begin(ranges) && c <= std::prev(after)->last;
}

/// Appends what the tables map `c` to, or `c` itself.
template <typename Runs, typename Others>
void append_mapped(const Runs& runs, const Others& others, std::u32string& text, char32_t c) {
  const auto after = std::upper_bound(std::begin(runs), std::end(runs), c,
                                      [](char32_t value, const CodePointRun& run) { return value < run.first; });
  // Runs with a step of 2 may lie within each other, so that the one before is looked at, too.
  for (auto run = after; run != std::begin(runs) && std::distance(run, after) < 2;) {
    --run;
    if (c <= run->last && (c - run->first) % static_cast<char32_t>(run->step) == 0) {
      text.push_back(static_cast<char32_t>(static_cast<int>(c) + run->distance));
      return;
    }
  }
  const auto other = std::lower_bound(std::begin(others), std::end(others), c,
                                      [](const LongMapping& mapping, char32_t value) { return mapping.from < value; });
  if (other == std::end(others) || other->from != c) {
    text.push_back(c);
    return;
  }
  for (const char32_t target : other->to) {
    if (target != 0) text.push_back(target);
  }
}

}  // namespace

bool is_space(char32_t c) { return is_in(kSpaces, c); }
bool is_removed(char32_t c) { return is_in(kRemoved, c); }
bool is_punctuation(char32_t c) { return is_in(kPunctuation, c); }
bool is_ideograph(char32_t c) { return is_in(kIdeographs, c); }
bool is_word_character(char32_t c) { return is_in(kWordCharacters, c); }

void append_unaccented(std::u32string& text, char32_t c) {
  constexpr char32_t kFirstSyllable = 0xAC00;
  constexpr char32_t kLastSyllable = 0xD7A3;
  if (c >= kFirstSyllable && c <= kLastSyllable) {  // Hangul: lead, vowel, perhaps tail
    const char32_t index = c - kFirstSyllable;
    text.push_back(0x1100 + index / 588);
    text.push_back(0x1161 + index % 588 / 28);
    if (index % 28 != 0) text.push_back(0x11A7 + index % 28);
    return;
  }
  if (is_in(kNonSpacingMarks, c)) return;
  append_mapped(kUnaccentedRuns, kUnaccentedOthers, text, c);
}

void append_lower_case(std::u32string& text, char32_t c) { append_mapped(kLowerCaseRuns, kLowerCaseOthers, text, c); }

}  // namespace cinescribe::text
