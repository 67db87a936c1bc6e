#include "cinescribe/speech/words.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace cinescribe::speech {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
/// Marks that belong to the word after them, and to the word before them.
constexpr std::array<std::string_view, 9> kOpening = {"\"", "'", "“", "¿", "(", "[", "{", "-", "„"};
constexpr std::array<std::string_view, 19> kClosing = {"\"", "'",  ".", "。", ",", "，", "!",  "！", "?", "？",
                                                       ":",  "：", "”", ")",  "]", "}",  "、", "…",  ";"};
constexpr std::array<std::string_view, 6> kSentenceEnds = {".", "。", "!", "！", "?", "？"};
constexpr std::array<std::string_view, 6> kSpaceless = {"zh", "ja", "th", "lo", "my", "yue"};

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

/// Length of the UTF-8 character that starts `bytes`; 0 if it is not valid, and `is_cut` tells that only its rest is
/// missing.
std::size_t character_length(std::string_view bytes, bool& is_cut) {
  is_cut = false;
  const auto first = static_cast<unsigned char>(bytes[0]);
  std::size_t length = 0;
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) length = 2;
  if (first >= 0xE0 && first <= 0xEF) length = 3;
  if (first >= 0xF0 && first <= 0xF4) length = 4;
  if (length == 0) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (i >= bytes.size()) {
      is_cut = true;
      return 0;
    }
    const auto next = static_cast<unsigned char>(bytes[i]);
    unsigned char lowest = 0x80;
    unsigned char highest = 0xBF;
    if (i == 1 && first == 0xE0) lowest = 0xA0;
    if (i == 1 && first == 0xED) highest = 0x9F;
    if (i == 1 && first == 0xF0) lowest = 0x90;
    if (i == 1 && first == 0xF4) highest = 0x8F;
    if (next < lowest || next > highest) return 0;
  }
  return length;
}

bool ends_inside_character(std::string_view bytes) {
  bool is_cut = false;
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t length = character_length(bytes.substr(at), is_cut);
    if (length == 0 && is_cut) return true;
    at += std::max<std::size_t>(1, length);
  }
  return false;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool is_ascii_punctuation(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::ispunct(static_cast<unsigned char>(c)) != 0 && static_cast<unsigned char>(c) < 0x80;
  });
}

void join(WindowWord& word, const WindowWord& next) {
  const auto before = static_cast<double>(word.token_count);
  const auto added = static_cast<double>(next.token_count);
  word.probability = (word.probability * before + next.probability * added) / (before + added);
  word.text += next.text;
  word.token_count += next.token_count;
}

/// One entry per token, or per run of tokens that only together spell whole characters.
std::vector<WindowWord> whole_characters(std::span<const DecodedToken> tokens, double end_seconds) {
  std::vector<WindowWord> pieces;
  bool continues = false;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const DecodedToken& token = tokens[i];
    if (token.is_timestamp) continue;
    WindowWord piece{token.bytes, token.begin_seconds, token.end_seconds, token.probability, i, 1};
    if (continues) {
      const double end = piece.end_seconds;
      join(pieces.back(), piece);
      pieces.back().end_seconds = end;
    } else {
      pieces.push_back(std::move(piece));
    }
    continues = ends_inside_character(pieces.back().text);
  }
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    pieces[i].text = valid_utf8(pieces[i].text);
    if (pieces[i].end_seconds >= 0.0 || pieces[i].begin_seconds < 0.0) continue;
    const double next = i + 1 < pieces.size() ? pieces[i + 1].begin_seconds : end_seconds;
    pieces[i].end_seconds = std::max(pieces[i].begin_seconds, next);
  }
  return pieces;
}

void join_spelling(std::vector<WindowWord>& words, WindowWord&& piece) {
  const double end = piece.end_seconds;
  join(words.back(), piece);
  words.back().end_seconds = end;
}

/// Punctuation keeps the times of the word it joins.
void join_punctuation(std::vector<WindowWord>& words) {
  for (std::size_t i = words.size(); i-- > 1;) {
    WindowWord& mark = words[i - 1];
    if (mark.text.starts_with(' ') && is_one_of(trimmed(mark.text), kOpening)) {
      WindowWord& next = words[i];
      const auto [begin, end] = std::pair(next.begin_seconds, next.end_seconds);
      join(mark, next);
      mark.begin_seconds = begin;
      mark.end_seconds = end;
      words.erase(words.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  for (std::size_t i = 1; i < words.size();) {
    if (!words[i - 1].text.ends_with(' ') && is_one_of(words[i].text, kClosing)) {
      join(words[i - 1], words[i]);
      words.erase(words.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
}

}  // namespace

std::string valid_utf8(std::string_view bytes) {
  std::string text;
  bool is_cut = false;
  while (!bytes.empty()) {
    const std::size_t length = character_length(bytes, is_cut);
    if (length == 0) {
      text += kReplacement;
      bytes.remove_prefix(1);
    } else {
      text += bytes.substr(0, length);
      bytes.remove_prefix(length);
    }
  }
  return text;
}

std::vector<WindowWord> group_words(std::span<const DecodedToken> tokens, std::string_view language,
                                    double end_seconds) {
  std::vector<WindowWord> pieces = whole_characters(tokens, end_seconds);
  std::vector<WindowWord> words;
  if (is_one_of(language, kSpaceless)) {
    words = std::move(pieces);
  } else {
    for (WindowWord& piece : pieces) {
      const bool starts_word =
          words.empty() || piece.text.starts_with(' ') || is_ascii_punctuation(trimmed(piece.text));
      if (starts_word) {
        words.push_back(std::move(piece));
      } else {
        join_spelling(words, std::move(piece));
      }
    }
  }
  join_punctuation(words);
  return words;
}

void limit_word_lengths(std::vector<WindowWord>& words) {
  std::vector<double> lengths;
  for (const WindowWord& word : words) {
    if (word.end_seconds > word.begin_seconds) lengths.push_back(word.end_seconds - word.begin_seconds);
  }
  if (lengths.empty()) return;
  std::nth_element(lengths.begin(), lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2), lengths.end());
  const double usual = std::min(0.7, lengths[lengths.size() / 2]);
  const double longest = 2 * usual;
  const auto ends_sentence = [](const WindowWord& word) {
    return std::any_of(kSentenceEnds.begin(), kSentenceEnds.end(),
                       [&](std::string_view mark) { return word.text.ends_with(mark); });
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    WindowWord& word = words[i];
    if (word.begin_seconds < 0.0 || word.end_seconds - word.begin_seconds <= longest) continue;
    if (i > 0 && ends_sentence(words[i - 1])) word.begin_seconds = word.end_seconds - longest;
    // Nothing but the end of the window ends a last word without a punctuation mark.
    if (i + 1 == words.size() && !ends_sentence(word)) word.end_seconds = word.begin_seconds + longest;
  }
}

}  // namespace cinescribe::speech
