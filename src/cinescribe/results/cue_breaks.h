#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cinescribe/core/time.h"
#include "cinescribe/results/subtitles.h"

/// Where subtitles break; private to this room.
namespace cinescribe::results {

/// A word (or a character of a script without spaces) of a cue to be.
struct CuePiece {
  std::string text;  ///< With the space before it.
  TimeRange range;
};

struct CodePoint {
  char32_t value = 0;
  std::size_t size = 1;  ///< Bytes.
};

/// Of valid UTF-8; a byte that is none stands for itself. Precondition: `at` is inside.
CodePoint code_point_at(std::string_view text, std::size_t at);

/// Columns that text takes: characters, wide ones (Chinese, Japanese, Korean) twice.
std::size_t text_width(std::string_view text);

/// Whether a code point belongs to a script without spaces between words.
bool is_wide(char32_t code_point);

/// One past the last piece of every cue. Cues fit the layout where they can (a piece that is longer than a line stands
/// alone), and end at sentences, clauses and pauses rather than anywhere; very short ones are avoided.
std::vector<std::size_t> cue_ends(std::span<const CuePiece> pieces, const SubtitleLayout& layout);

/// The lines of a cue; two lines are of about the same length and part at a clause where they can.
std::vector<std::string> cue_lines(std::span<const CuePiece> pieces, const SubtitleLayout& layout);

}  // namespace cinescribe::results
