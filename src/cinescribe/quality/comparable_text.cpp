#include "cinescribe/quality/comparable_text.h"

#include <utility>

#include "cinescribe/text/unicode.h"
#include "cinescribe/text/utf8.h"

namespace cinescribe::quality {

namespace {

bool is_apostrophe(char32_t c) { return c == U'\'' || c == U'\u2019' || c == U'\u02BC' || c == U'\uFF07'; }

class WordList {
 public:
  void append(char32_t c) { text::append_utf8(word_, c); }
  void end_word() {
    if (!word_.empty()) words_.push_back(std::exchange(word_, {}));
  }
  [[nodiscard]] bool is_inside_word() const { return !word_.empty(); }
  std::vector<std::string> take() {
    end_word();
    return std::move(words_);
  }

 private:
  std::string word_;
  std::vector<std::string> words_;
};

std::vector<std::string> exact_words(const std::u32string& characters) {
  WordList list;
  for (const char32_t c : characters) {
    if (text::is_space(c)) {
      list.end_word();
    } else {
      list.append(c);
    }
  }
  return list.take();
}

std::vector<std::string> plain_words(const std::u32string& characters) {
  WordList list;
  std::u32string lower;
  for (std::size_t i = 0; i < characters.size(); ++i) {
    const char32_t c = characters[i];
    if (text::is_ideograph(c)) {
      list.end_word();
      list.append(c);
      list.end_word();
    } else if (text::is_word_character(c) && c != U'_') {
      lower.clear();
      text::append_lower_case(lower, c);
      for (const char32_t letter : lower) list.append(letter);
    } else if (!(is_apostrophe(c) && list.is_inside_word() && i + 1 < characters.size() &&
                 text::is_word_character(characters[i + 1]))) {
      list.end_word();
    }
  }
  return list.take();
}

}  // namespace

std::vector<std::string> comparable_words(std::string_view text, TextForm form) {
  const std::u32string characters = text::to_code_points(text::sanitised_utf8(text));
  return form == TextForm::kExact ? exact_words(characters) : plain_words(characters);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::vector<std::uint32_t> WordNumbers::of(const std::vector<std::string>& words) {
  std::vector<std::uint32_t> list;
  list.reserve(words.size());
  for (const std::string& word : words) {
    list.push_back(numbers_.try_emplace(word, static_cast<std::uint32_t>(numbers_.size())).first->second);
  }
  return list;
}

}  // namespace cinescribe::quality
