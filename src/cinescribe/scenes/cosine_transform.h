#pragma once

#include <vector>

namespace cinescribe::scenes {

/// The `keep` × `keep` lowest frequencies of the orthonormal two-dimensional cosine transform (DCT-II) of a square
/// picture of `side` × `side` values, row by row. Preconditions: 1 <= keep <= side, `values` has side² entries.
std::vector<float> low_frequencies(const std::vector<float>& values, int side, int keep);

}  // namespace cinescribe::scenes
