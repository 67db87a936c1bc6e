#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "cinescribe/speech/dense_kernels.h"

namespace cinescribe::speech {

/// How the alignment heads attended to the sound while one token was read: for each head bfloat16 weights of all
/// positions.
using AttentionRow = std::vector<std::span<const std::uint16_t>>;

/// For the i-th text token, at which position of the sound (20 ms each) the decoder's attention leaves it.
///
/// `rows`: first `lead` rows of tokens in front (they count for the normalisation only), then, for each text token, the
/// row of the token from which it was predicted, then the row of the last text token, and last `trail` rows that count
/// for the normalisation only. Only the first `positions` of each row count. Returns rows.size() - lead - trail - 1
/// positions, not falling.
/// @source openai/whisper timing.py: normalisation over tokens, median of 7, mean of heads, dynamic time warping
std::vector<std::size_t> align_tokens(const DenseKernels& kernels, std::span<const AttentionRow> rows, std::size_t lead,
                                      std::size_t trail, std::size_t positions);

}  // namespace cinescribe::speech
