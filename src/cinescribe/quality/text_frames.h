#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/image.h"

namespace cinescribe::quality {

/// A picture with known writing on it.
struct TextFrame {
  Image picture;     ///< 640 × 360, RGB.
  std::string text;  ///< Capitals, digits, spaces.
  int letter_height_px = 0;
};

/// Pictures of signs: words and numbers that no context lets guess, in letters of 14, 28, 42 and 56 px in turn, on
/// grounds of different colours. The same for the same numbers on every machine.
std::vector<TextFrame> make_text_frames(int count, std::uint64_t seed);

/// How well a description tells what is written.
struct ReadingErrors {
  std::int64_t edits = 0;       ///< Between the writing and the part of the answer that is most like it.
  std::int64_t characters = 0;  ///< Of the writing.
};

/// Compares letters and digits only, whatever their case.
ReadingErrors reading_errors(std::string_view text, std::string_view answer);

}  // namespace cinescribe::quality
