#include "cinescribe/captions/english.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cinescribe::captions {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kIrregular = {{{"person", "people"},
                                                                                       {"man", "men"},
                                                                                       {"woman", "women"},
                                                                                       {"child", "children"},
                                                                                       {"mouse", "mice"},
                                                                                       {"knife", "knives"},
                                                                                       {"leaf", "leaves"},
                                                                                       {"foot", "feet"},
                                                                                       {"tooth", "teeth"},
                                                                                       {"sheep", "sheep"},
                                                                                       {"fish", "fish"}}};
/// Labels of the usual data sets that are plural, or uncountable, as they stand.
constexpr std::array<std::string_view, 6> kPlurals = {"skis", "scissors", "glasses", "jeans", "trousers", "broccoli"};

bool ends_in(std::string_view word, std::string_view end) { return word.ends_with(end); }

bool is_vowel(char c) { return std::string_view("aeiouAEIOU").find(c) != std::string_view::npos; }

bool is_plural(std::string_view noun) {
  const std::string_view last = noun.substr(noun.rfind(' ') + 1);
  return std::find(kPlurals.begin(), kPlurals.end(), last) != kPlurals.end();
}

}  // namespace

std::string plural(std::string_view noun) {
  if (noun.empty() || is_plural(noun)) return std::string(noun);
  const std::size_t cut = noun.rfind(' ') + 1;  // npos + 1 is 0
  const std::string head(noun.substr(0, cut));
  const std::string last(noun.substr(cut));
  for (const auto& [one, many] : kIrregular) {
    if (last == one) return head + std::string(many);
  }
  if (ends_in(last, "s") || ends_in(last, "x") || ends_in(last, "z") || ends_in(last, "ch") || ends_in(last, "sh")) {
    return head + last + "es";
  }
  if (last.size() > 1 && last.back() == 'y' && !is_vowel(last[last.size() - 2])) {
    return head + last.substr(0, last.size() - 1) + "ies";
  }
  return head + last + "s";
}

std::string counted(int count, std::string_view noun) {
  if (count > 1) return std::to_string(count) + " " + plural(noun);
  if (noun.empty() || is_plural(noun)) return std::string(noun);
  return (is_vowel(noun.front()) ? "an " : "a ") + std::string(noun);
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += i + 1 == parts.size() ? " and " : ", ";
    text += parts[i];
  }
  return text;
}

}  // namespace cinescribe::captions
