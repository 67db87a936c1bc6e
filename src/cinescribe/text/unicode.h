#pragma once

#include <string>

// Properties of code points as Hugging Face's tokenizers see them (tables made by make_unicode_tables.py).
namespace cinescribe::text {

bool is_space(char32_t c);
/// What BERT's clean-up takes out: control and format characters, private use, U+FFFD.
bool is_removed(char32_t c);
bool is_punctuation(char32_t c);
/// What BERT puts between spaces.
bool is_ideograph(char32_t c);
/// `\w` of a regular expression.
bool is_word_character(char32_t c);

/// Appends the canonical decomposition of `c` without non-spacing marks; marks are not put into canonical order.
void append_unaccented(std::u32string& text, char32_t c);
/// Appends the lower case of `c`, whatever stands around it.
void append_lower_case(std::u32string& text, char32_t c);

}  // namespace cinescribe::text
