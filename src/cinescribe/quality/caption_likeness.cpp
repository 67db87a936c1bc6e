#include "cinescribe/quality/caption_likeness.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>

#include "cinescribe/text/unicode.h"
#include "cinescribe/text/utf8.h"

namespace cinescribe::quality {

namespace {

constexpr std::size_t kOrders = 6;
constexpr std::size_t kPhraseWords = 4;

std::u32string without_space(std::string_view text) {
  std::u32string characters = text::to_code_points(text::sanitised_utf8(text));
  std::erase_if(characters, text::is_space);
  return characters;
}

std::size_t ngram_count(const std::u32string& text, std::size_t order) {
  return text.size() < order ? 0 : text.size() - order + 1;
}

/// How many n-grams of `b` have a partner of their own in `a`.
std::int64_t shared_ngrams(const std::u32string& a, const std::u32string& b, std::size_t order) {
  std::map<std::u32string_view, std::int64_t> counts;
  for (std::size_t i = 0; i < ngram_count(a, order); ++i) ++counts[std::u32string_view(a).substr(i, order)];
  std::int64_t shared = 0;
  for (std::size_t i = 0; i < ngram_count(b, order); ++i) {
    const auto found = counts.find(std::u32string_view(b).substr(i, order));
    if (found != counts.end() && found->second-- > 0) ++shared;
  }
  return shared;
}

double f1(double precision, double recall) {
  return precision + recall == 0.0 ? 0.0 : 2.0 * precision * recall / (precision + recall);
}

}  // namespace

double character_likeness(std::string_view a, std::string_view b) {
  const std::u32string left = without_space(a);
  const std::u32string right = without_space(b);
  double precision = 0.0;
  double recall = 0.0;
  double orders = 0.0;
  for (std::size_t order = 1; order <= kOrders; ++order) {
    const auto in_left = static_cast<double>(ngram_count(left, order));
    const auto in_right = static_cast<double>(ngram_count(right, order));
    if (in_left == 0.0 || in_right == 0.0) break;
    const auto shared = static_cast<double>(shared_ngrams(left, right, order));
    precision += shared / in_right;
    recall += shared / in_left;
    ++orders;
  }
  return orders == 0.0 ? 0.0 : f1(precision / orders, recall / orders);
}

double word_likeness(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  if (a.empty() || b.empty()) return 0.0;
  std::map<std::string_view, std::int64_t> counts;
  for (const std::string& word : a) ++counts[word];
  double shared = 0.0;
  for (const std::string& word : b) {
    const auto found = counts.find(word);
    if (found != counts.end() && found->second-- > 0) ++shared;
  }
  return f1(shared / static_cast<double>(b.size()), shared / static_cast<double>(a.size()));
}

double repetition_rate(const std::vector<std::string>& words) {
  if (words.size() < kPhraseWords) return 0.0;
  const std::size_t phrases = words.size() - kPhraseWords + 1;
  std::set<std::vector<std::string_view>> distinct;
  for (std::size_t i = 0; i < phrases; ++i) {
    const auto first = words.begin() + static_cast<std::ptrdiff_t>(i);
    distinct.emplace(first, first + kPhraseWords);
  }
  return 1.0 - static_cast<double>(distinct.size()) / static_cast<double>(phrases);
}

}  // namespace cinescribe::quality
