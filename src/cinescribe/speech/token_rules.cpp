#include "cinescribe/speech/token_rules.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <set>
#include <string_view>

namespace cinescribe::speech {

namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();
/// Latest first time mark: one second.
constexpr int kLatestFirstMark = 50;

/// Signs of other things than speech: they, and they after a space, are not written.
constexpr std::array<std::string_view, 54> kNoSpeechSigns = {
    "\"",  "#",  "(",  ")",   "*",   "+",  "/",  ":",  ";",  "<",  "=",   ">",   "@",   "[",  "\\",  "]",  "^",  "_",
    "`",   "{",  "|",  "}",   "~",   "「", "」", "『", "』", "<<", ">>",  "<<<", ">>>", "--", "---", "-(", "-[", "('",
    "(\"", "((", "))", "(((", ")))", "[[", "]]", "{{", "}}", "♪♪", "♪♪♪", "♩",   "♪",   "♫",  "♬",   "♭",  "♮",  "♯"};

}  // namespace

TokenIds token_ids(int n_vocab) {
  constexpr int kEnglishVocabulary = 51864;
  constexpr int kFixedSpecials = 51766;  // everything but the languages of a multilingual model
  TokenIds ids;
  const bool is_multilingual = n_vocab > kEnglishVocabulary;
  ids.end_of_text = is_multilingual ? 50257 : 50256;
  ids.start = ids.end_of_text + 1;
  ids.first_language = ids.start + 1;
  ids.languages = is_multilingual ? n_vocab - kFixedSpecials : 0;
  ids.translate = ids.first_language + (is_multilingual ? ids.languages : 99);
  ids.transcribe = ids.translate + 1;
  ids.previous = ids.translate + 3;
  ids.no_speech = ids.translate + 4;
  ids.no_marks = ids.translate + 5;
  ids.first_mark = ids.translate + 6;
  return ids;
}

TokenRules::TokenRules(const std::vector<std::string>& vocabulary, int n_vocab) : ids_(token_ids(n_vocab)) {
  std::set<std::string, std::less<>> signs;
  for (const std::string_view sign : kNoSpeechSigns) {
    signs.emplace(sign);
    signs.emplace(" " + std::string(sign));
  }
  // Hyphens and apostrophes stand between words, not in front of one.
  signs.emplace(" -");
  signs.emplace(" '");
  const auto words = std::min(vocabulary.size(), static_cast<std::size_t>(ids_.end_of_text));
  for (std::size_t i = 0; i < words; ++i) {
    if (signs.contains(vocabulary[i])) never_.push_back(static_cast<int>(i));
    if (vocabulary[i] == " ") never_first_.push_back(static_cast<int>(i));
  }
  never_first_.push_back(ids_.end_of_text);
  for (int id = ids_.start; id < ids_.first_mark; ++id) never_.push_back(id);
}

void TokenRules::apply(std::span<float> logits, std::span<const int> written, bool has_marks) const {
  for (const int id : never_) logits[static_cast<std::size_t>(id)] = kNever;
  if (written.empty()) {
    for (const int id : never_first_) logits[static_cast<std::size_t>(id)] = kNever;
  }
  if (has_marks) {
    apply_marks(logits, written);
  } else {
    std::fill(logits.begin() + ids_.first_mark, logits.end(), kNever);
  }
}

void TokenRules::apply_marks(std::span<float> logits, std::span<const int> written) const {
  const auto text = logits.first(static_cast<std::size_t>(ids_.end_of_text));
  const auto marks = logits.subspan(static_cast<std::size_t>(ids_.first_mark));
  const auto is_mark = [&](int id) { return id >= ids_.first_mark; };
  if (written.empty()) {
    // The text begins with a mark, and soon.
    std::fill(logits.begin(), logits.begin() + ids_.first_mark, kNever);
    std::fill(marks.begin() + kLatestFirstMark + 1, marks.end(), kNever);
    return;
  }
  // Marks come in pairs: the end of a phrase and the beginning of the next one.
  if (is_mark(written.back())) {
    const bool is_second = written.size() < 2 || is_mark(written[written.size() - 2]);
    std::fill(is_second ? marks.begin() : text.begin(), is_second ? marks.end() : text.end(), kNever);
  }
  // Time does not run backwards.
  const auto last = std::find_if(written.rbegin(), written.rend(), is_mark);
  if (last != written.rend()) std::fill(marks.begin(), marks.begin() + (*last - ids_.first_mark), kNever);
  // All marks together more probable than any word: a mark it is.
  const float loudest_word = *std::max_element(logits.begin(), logits.begin() + ids_.first_mark);
  const float loudest_mark = *std::max_element(marks.begin(), marks.end());
  if (loudest_mark == kNever) return;
  double sum = 0.0;
  for (const float mark : marks) sum += std::exp(static_cast<double>(mark - loudest_mark));
  if (static_cast<double>(loudest_mark) + std::log(sum) > static_cast<double>(loudest_word)) {
    std::fill(logits.begin(), logits.begin() + ids_.first_mark, kNever);
  }
}

}  // namespace cinescribe::speech
