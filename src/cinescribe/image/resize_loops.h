#pragma once

#include <cstddef>
#include <cstdint>

// Private to the room: the inner loop of Pillow's resize. One function per instruction set; all give the same bits.
namespace cinescribe::image {

/// Bits of a weight behind the point.
constexpr int kResizeWeightBits = 22;

/// out[i] = the sum over taps t of first[t * stride + i] * weights[t], rounded and clamped to a byte, for i < count.
using WeightedRows = void (*)(std::size_t count, int taps, const std::uint8_t* first, std::ptrdiff_t stride,
                              const std::int32_t* weights, std::uint8_t* out);

/// The fastest one this processor runs.
WeightedRows weighted_rows();
/// For every processor.
WeightedRows portable_weighted_rows();
#if defined(__x86_64__)
/// For x86 processors with AVX2.
WeightedRows avx2_weighted_rows();
#endif

}  // namespace cinescribe::image
