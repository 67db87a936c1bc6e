#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

/// How far a transcript is from the reference's.
namespace cinescribe::parity {

/// Words in lower case without punctuation (apostrophes inside words stay).
inline std::vector<std::string> plain_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto close = [&] {
    while (!word.empty() && word.back() == '\'') word.pop_back();
    if (!word.empty()) words.push_back(word);
    word.clear();
  };
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || byte >= 0x80 || (c == '\'' && !word.empty())) {
      word += static_cast<char>(std::tolower(byte));
    } else {
      close();
    }
  }
  close();
  return words;
}

/// For every word of `a` the index of the word of `b` that it is aligned with, or -1; and the number of edits.
struct WordAlignment {
  std::vector<int> match;
  int edits = 0;
};

inline WordAlignment align(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  const std::size_t width = b.size() + 1;
  std::vector<int> cost((a.size() + 1) * width);
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      int best = static_cast<int>(std::max(i, j));
      if (i > 0) best = std::min(best, cost[(i - 1) * width + j] + 1);
      if (j > 0) best = std::min(best, cost[i * width + j - 1] + 1);
      if (i > 0 && j > 0) best = std::min(best, cost[(i - 1) * width + j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
      cost[i * width + j] = best;
    }
  }
  WordAlignment result{std::vector<int>(a.size(), -1), cost.back()};
  std::size_t i = a.size();
  std::size_t j = b.size();
  while (i > 0 && j > 0) {
    const int here = cost[i * width + j];
    if (here == cost[(i - 1) * width + j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)) {
      --i;
      --j;
      if (a[i] == b[j]) result.match[i] = static_cast<int>(j);
    } else if (here == cost[(i - 1) * width + j] + 1) {
      --i;
    } else {
      --j;
    }
  }
  return result;
}

}  // namespace cinescribe::parity
