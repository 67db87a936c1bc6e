#pragma once

#include <cstddef>
#include <cstdint>

#include "cinescribe/core/video_frame.h"

/// Loops over 8-bit planes, the inner part of every detector. One table per instruction set; all give the same bits.
namespace cinescribe::scenes {

struct Kernels {
  /// YUV to B, G, R, each sample for itself, bit-equal to swscale's x86 conversion with default flags.
  /// @source FFmpeg 5.1, libswscale (checked for all 2^24 inputs by the unit test)
  void (*yuv_to_bgr)(const YuvMatrix& matrix, std::size_t count, const std::uint8_t* y, const std::uint8_t* u,
                     const std::uint8_t* v, std::uint8_t* b, std::uint8_t* g, std::uint8_t* r);
  /// Horizontal step of the bilinear reduction: (first × first_weight + second × second_weight) >> 4; weights in
  /// 1/2048 sum to 2048.
  void (*blend_columns)(std::size_t count, const std::uint8_t* first, const std::uint8_t* second,
                        const std::int16_t* first_weight, const std::int16_t* second_weight, std::int16_t* out);
  /// Vertical step: rows from `blend_columns` to bytes.
  void (*blend_rows)(std::size_t count, const std::int16_t* first, const std::int16_t* second,
                     std::int16_t first_weight, std::int16_t second_weight, std::uint8_t* out);
  /// Mean of four bytes, halves up.
  void (*mean_of_four)(std::size_t count, const std::uint8_t* a, const std::uint8_t* b, const std::uint8_t* c,
                       const std::uint8_t* d, std::uint8_t* out);
  /// B, G, R to OpenCV's 8-bit H (0..179), S, V.
  void (*bgr_to_hsv)(std::size_t count, const std::uint8_t* b, const std::uint8_t* g, const std::uint8_t* r,
                     std::uint8_t* h, std::uint8_t* s, std::uint8_t* v);
  /// Sum of |a - b|.
  std::uint64_t (*sum_of_differences)(std::size_t count, const std::uint8_t* a, const std::uint8_t* b);
  /// Sum of all bytes.
  std::uint64_t (*sum)(std::size_t count, const std::uint8_t* a);
};

/// The fastest table this processor runs.
const Kernels& kernels();
/// The table for every processor.
const Kernels& portable_kernels();
#if defined(__x86_64__)
/// The table for x86 processors with AVX2.
const Kernels& avx2_kernels();
/// The table for x86 processors with AVX-512 (F, BW, DQ, VL).
const Kernels& avx512_kernels();
#endif

}  // namespace cinescribe::scenes
