#include "cinescribe/text/bert_normalizer.h"

#include "cinescribe/text/unicode.h"
#include "cinescribe/text/utf8.h"

namespace cinescribe::text {
namespace {

bool is_bert_space(char32_t c) { return c == '\t' || c == '\n' || c == '\r' || is_space(c); }

}  // namespace

std::string BertNormalizer::apply(std::string_view text) const {
  std::u32string points = to_code_points(text);
  std::u32string next;
  const auto run = [&](const auto& put) {
    next.clear();
    for (const char32_t c : points) put(c);
    points.swap(next);
  };
  if (is_cleaning) {
    run([&](char32_t c) {
      if (!is_removed(c)) next.push_back(is_bert_space(c) ? U' ' : c);
    });
  }
  if (is_spacing_ideographs) {
    run([&](char32_t c) { is_ideograph(c) ? next.append({U' ', c, U' '}) : next.append(1, c); });
  }
  if (is_stripping_accents) run([&](char32_t c) { append_unaccented(next, c); });
  if (is_lowering) run([&](char32_t c) { append_lower_case(next, c); });
  return to_utf8(points);
}

std::vector<std::string_view> bert_words(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t start = 0;
  std::size_t at = 0;
  const auto end_word = [&] {
    if (start < at) words.push_back(text.substr(start, at - start));
  };
  while (at < text.size()) {
    const CodePoint c = first_code_point(text.substr(at));
    const bool stands_alone = is_punctuation(c.value);
    if (stands_alone || is_space(c.value)) {
      end_word();
      if (stands_alone) words.push_back(text.substr(at, c.bytes));
      start = at + c.bytes;
    }
    at += c.bytes;
  }
  end_word();
  return words;
}

}  // namespace cinescribe::text
