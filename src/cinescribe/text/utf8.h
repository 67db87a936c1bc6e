#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cinescribe::text {

/// A code point and the bytes it took.
struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 1;
  bool is_valid = true;  ///< false: `value` is U+FFFD for one byte that is not UTF-8.
};

/// The code point at the start of `text`. Overlong forms, surrogates and values beyond U+10FFFF are invalid.
/// Precondition: not empty.
CodePoint first_code_point(std::string_view text);
/// The last code point of valid UTF-8. Precondition: not empty.
CodePoint last_code_point(std::string_view text);

void append_utf8(std::string& text, char32_t value);
bool is_valid_utf8(std::string_view text);

/// The same text with every invalid byte replaced by U+FFFD.
std::string sanitised_utf8(std::string_view text);

/// Code points of valid UTF-8.
std::u32string to_code_points(std::string_view text);
std::string to_utf8(std::u32string_view text);

}  // namespace cinescribe::text
