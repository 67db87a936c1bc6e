#pragma once

#include <cstddef>
#include <cstdint>

#include "cinescribe/core/video_frame.h"

// Private to the room: the inner loops of the letterbox. One table per instruction set; all give the same bits.
namespace cinescribe::image {

struct LetterboxLoops {
  /// Planes to B, G, R as swscale's x86 code computes it, each sample for itself. @source FFmpeg 5.1, libswscale
  void (*yuv_to_bgr)(const YuvMatrix& matrix, std::size_t count, const std::uint8_t* y, const std::uint8_t* u,
                     const std::uint8_t* v, std::uint8_t* b, std::uint8_t* g, std::uint8_t* r);
  /// Horizontal step of OpenCV's INTER_LINEAR: (first × its weight + second × its weight) >> 4, weights in 1/2048.
  void (*blend_columns)(std::size_t count, const std::uint8_t* first, const std::uint8_t* second,
                        const std::int16_t* first_weight, const std::int16_t* second_weight, std::int16_t* out);
  /// Both of the above for pairs of neighbouring pixels: the low byte of an entry is the first pixel's, the high byte
  /// the second's. `has_next_chroma` is 0xFFFF where the second pixel has the chroma of the high byte, else 0.
  void (*blend_yuv_pairs)(const YuvMatrix& matrix, std::size_t count, const std::uint16_t* y, const std::uint16_t* u,
                          const std::uint16_t* v, const std::uint16_t* has_next_chroma,
                          const std::int16_t* first_weight, const std::int16_t* second_weight, std::int16_t* b,
                          std::int16_t* g, std::int16_t* r);
  /// Vertical step, rounded to bytes, divided by `divisor`.
  void (*blend_rows)(std::size_t count, const std::int16_t* first, const std::int16_t* second, int first_weight,
                     int second_weight, float divisor, float* out);
  /// Mean of four bytes, halves up, divided by `divisor`.
  void (*mean_of_four)(std::size_t count, const std::uint8_t* a, const std::uint8_t* b, const std::uint8_t* c,
                       const std::uint8_t* d, float divisor, float* out);
  /// Bytes divided by `divisor`.
  void (*to_float)(std::size_t count, const std::uint8_t* in, float divisor, float* out);
};

/// The fastest table this processor runs.
const LetterboxLoops& letterbox_loops();
/// The table for every processor.
const LetterboxLoops& portable_letterbox_loops();
#if defined(__x86_64__)
/// The table for x86 processors with AVX2.
const LetterboxLoops& avx2_letterbox_loops();
#endif

}  // namespace cinescribe::image
