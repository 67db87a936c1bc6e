#include "cinescribe/speech/segments.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include "cinescribe/speech/words.h"

namespace cinescribe::speech {

namespace {

/// A pause between two words that ends a segment, and how long a segment must be for the end of a sentence to close
/// it (very short sentences share a segment).
constexpr double kPauseSeconds = 1.0;
constexpr double kSentenceSegmentSeconds = 2.0;
/// Longer sentences also end at a clause, and very long ones at a short pause.
constexpr double kClauseSegmentSeconds = 5.0;
constexpr double kLongSegmentSeconds = 10.0;
constexpr double kShortPauseSeconds = 0.3;
constexpr std::array<std::string_view, 8> kClauseEnds = {",", ";", ":", "，", "、", "；", "：", "—"};
constexpr std::array<std::string_view, 7> kSentenceEnds = {".", "?", "!", "。", "？", "！", "…"};

/// Tokens between two time marks, and what the marks say (-1: no mark).
struct Phrase {
  std::vector<DecodedToken> tokens;
  double begin_seconds = -1.0;
  double end_seconds = -1.0;
};

std::vector<Phrase> split_at_marks(std::span<const DecodedToken> tokens) {
  std::vector<Phrase> phrases;
  Phrase current;
  for (const DecodedToken& token : tokens) {
    if (!token.is_timestamp) {
      current.tokens.push_back(token);
    } else if (current.tokens.empty()) {
      current.begin_seconds = token.begin_seconds;
    } else {
      current.end_seconds = token.begin_seconds;
      phrases.push_back(std::exchange(current, {}));
    }
  }
  if (!current.tokens.empty()) phrases.push_back(std::move(current));
  return phrases;
}

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\n");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t\n") - begin + 1));
}

/// "(humming)", "[Music]": what the model notes about sounds that are no words.
bool is_note(std::string_view text) {
  return (text.starts_with('(') && text.find(')') == text.size() - 1) ||
         (text.starts_with('[') && text.find(']') == text.size() - 1);
}

bool has_letters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
  });
}

bool ends_with_any(std::string_view word, std::span<const std::string_view> marks) {
  return std::any_of(marks.begin(), marks.end(), [&](std::string_view mark) { return word.ends_with(mark); });
}

/// Whether a segment of this length may end between the word `before` and one that comes after a pause.
bool is_good_end(std::string_view before, double length_seconds, double pause_seconds) {
  if (pause_seconds >= kPauseSeconds) return true;
  if (length_seconds >= kSentenceSegmentSeconds && ends_with_any(before, kSentenceEnds)) return true;
  if (length_seconds >= kClauseSegmentSeconds && ends_with_any(before, kClauseEnds)) return true;
  return length_seconds >= kLongSegmentSeconds && pause_seconds >= kShortPauseSeconds;
}

Segment with_figures(const DecodedWindow& decoded) {
  Segment segment;
  segment.avg_logprob = decoded.figures.avg_logprob;
  segment.no_speech_prob = decoded.figures.no_speech_prob;
  segment.compression_ratio = decoded.figures.compression_ratio;
  segment.temperature = decoded.temperature;
  return segment;
}

void add(std::vector<Segment>& segments, Segment&& segment, std::string_view text) {
  segment.text = trimmed(text);
  if (!has_letters(segment.text) || is_note(segment.text)) return;
  if (!segments.empty()) segment.range.start = std::max(segment.range.start, segments.back().range.end);
  segment.range.end = std::max(segment.range.start, segment.range.end);
  segments.push_back(std::move(segment));
}

/// One segment per phrase, timed by the marks.
std::vector<Segment> from_phrases(const DecodedWindow& decoded, const SpeechWindow& window) {
  std::vector<Segment> segments;
  double until = 0.0;
  for (const Phrase& phrase : split_at_marks(decoded.tokens)) {
    std::string bytes;
    for (const DecodedToken& token : phrase.tokens) bytes += token.bytes;
    const double begin = std::clamp(phrase.begin_seconds < 0.0 ? until : phrase.begin_seconds, 0.0, window.seconds());
    const double end =
        std::clamp(phrase.end_seconds < 0.0 ? window.seconds() : phrase.end_seconds, begin, window.seconds());
    until = end;
    Segment segment = with_figures(decoded);
    // A phrase may reach over left-out pauses: its two ends are mapped on their own.
    constexpr double kInside = 0.01;
    segment.range = {window.time_at(begin, window.region_at(begin + kInside)),
                     window.time_at(end, window.region_at(std::max(begin, end - kInside)))};
    add(segments, std::move(segment), valid_utf8(bytes));
  }
  return segments;
}

struct PlacedWord {
  Word word;
  bool begins_phrase = false;
};

std::vector<PlacedWord> place_words(const DecodedWindow& decoded, const SpeechWindow& window,
                                    std::string_view language) {
  std::vector<std::size_t> phrase_begins;  // in text tokens
  std::vector<DecodedToken> text;
  bool after_mark = true;
  double last_mark = -1.0;
  for (const DecodedToken& token : decoded.tokens) {
    if (token.is_timestamp) {
      after_mark = true;
      last_mark = token.begin_seconds;
      continue;
    }
    if (std::exchange(after_mark, false)) phrase_begins.push_back(text.size());
    text.push_back(token);
  }
  // A last mark behind all text says where the text ends.
  const double end = after_mark && last_mark > 0.0 ? std::min(last_mark, window.seconds()) : window.seconds();
  std::vector<WindowWord> words = group_words(text, language, end);
  limit_word_lengths(words);
  std::vector<PlacedWord> placed;
  double known_until = 0.0;
  for (WindowWord& word : words) {
    const double begin = word.begin_seconds < 0.0 ? known_until : word.begin_seconds;
    known_until = std::max(begin, word.end_seconds);
    PlacedWord result;
    result.word = {window.to_recording(begin, known_until), std::move(word.text), word.probability};
    if (!placed.empty()) {
      result.word.range.start = std::max(result.word.range.start, placed.back().word.range.end);
      result.word.range.end = std::max(result.word.range.start, result.word.range.end);
    }
    result.begins_phrase =
        std::find(phrase_begins.begin(), phrase_begins.end(), word.first_token) != phrase_begins.end();
    placed.push_back(std::move(result));
  }
  return placed;
}

std::vector<Segment> from_words(const DecodedWindow& decoded, const SpeechWindow& window, std::string_view language) {
  std::vector<Segment> segments;
  Segment current = with_figures(decoded);
  std::string text;
  const auto close = [&] {
    if (current.words.empty()) return;
    current.range = {current.words.front().range.start, current.words.back().range.end};
    add(segments, std::exchange(current, with_figures(decoded)), std::exchange(text, {}));
  };
  for (PlacedWord& placed : place_words(decoded, window, language)) {
    if (!current.words.empty()) {
      const Word& before = current.words.back();
      const double pause = (placed.word.range.start - before.range.end).seconds();
      const double length = (before.range.end - current.words.front().range.start).seconds();
      if (placed.begins_phrase || is_good_end(before.text, length, pause)) close();
    }
    text += placed.word.text;
    current.words.push_back(std::move(placed.word));
  }
  close();
  return segments;
}

}  // namespace

std::vector<Segment> make_segments(const DecodedWindow& decoded, const SpeechWindow& window, std::string_view language,
                                   WordTimes word_times) {
  std::vector<int> ids;
  for (const DecodedToken& token : decoded.tokens) ids.push_back(token.id);
  DecodedWindow clean = decoded;
  clean.tokens.clear();
  for (const std::size_t i : positions_without_loops(ids)) clean.tokens.push_back(decoded.tokens[i]);
  return word_times == WordTimes::kOff ? from_phrases(clean, window) : from_words(clean, window, language);
}

}  // namespace cinescribe::speech
