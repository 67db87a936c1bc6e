#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cinescribe::quality {

enum class TextForm {
  /// Lower case; apostrophes inside of words vanish ("don't" = "dont"); every other character that is no letter, digit
  /// or mark parts words; every ideograph is a word. Digits stay digits, accents stay.
  kPlain,
  kExact,  ///< Parted at white space, nothing else.
};

/// The words of a text in a form that can be compared. Bytes that are no UTF-8 read as U+FFFD, which parts words.
std::vector<std::string> comparable_words(std::string_view text, TextForm form);

/// Words joined by single spaces.
std::string joined(const std::vector<std::string>& words);

/// Gives equal words equal numbers.
class WordNumbers {
 public:
  std::vector<std::uint32_t> of(const std::vector<std::string>& words);

 private:
  std::map<std::string, std::uint32_t, std::less<>> numbers_;
};

}  // namespace cinescribe::quality
