#pragma once

#include <array>
#include <cstdint>

namespace cinescribe::image {

/// Seven rows of five cells, the leftmost cell in bit 4.
using Glyph = std::array<std::uint8_t, 7>;

/// The picture of an ASCII character (small letters look like capitals); "?" for everything else.
const Glyph& glyph(char c);

}  // namespace cinescribe::image
