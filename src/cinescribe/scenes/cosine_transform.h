#pragma once

#include <vector>

namespace cinescribe::scenes {

/// The `keep` × `keep` lowest frequencies of the orthonormal two-dimensional cosine transform (DCT-II) of a square
/// picture of `side` × `side` values, row by row. Preconditions: 1 <= keep <= side, `values` has side² entries.
///
/// Where the side is a power of two, the steps and their rounding in float are those of OpenCV's `dct`: a hash that
/// compares coefficients must break ties as it does. @source OpenCV 5.0, core/dxt
std::vector<float> low_frequencies(const std::vector<float>& values, int side, int keep);

}  // namespace cinescribe::scenes
