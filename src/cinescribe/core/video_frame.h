#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "cinescribe/core/time.h"

namespace cinescribe {

/// Layout of the planes of a `VideoFrame`.
enum class PixelFormat {
  kYuv420p,  ///< Three planes, 8 bit, of `yuv` matrix and range; chroma planes are ceil(w/2) × ceil(h/2).
  kBgr24,    ///< One packed plane, 8 bit, B G R.
  kRgb24,    ///< One packed plane, 8 bit, R G B.
};

/// How planes become colours: fixed-point factors in 1/8192 of samples times eight, as swscale's fast conversion has
/// them, e.g. R = (luma × (8 Y - luma_offset) >> 16) + (cr_to_red × (8 Cr - 1024) >> 16). The defaults are BT.601 of
/// limited range.
struct YuvMatrix {
  std::int16_t luma_offset = 128;
  std::int16_t luma = 9539;
  std::int16_t cr_to_red = 13075;
  std::int16_t cb_to_green = -3209;
  std::int16_t cr_to_green = -6660;
  std::int16_t cb_to_blue = 16525;
  friend bool operator==(const YuvMatrix&, const YuvMatrix&) = default;
};

/// One decoded picture, shared and immutable: copies share the pixels, which live as long as any copy.
///
/// The picture is already turned as displayed. `width` × `height` are the pixels of the planes (the sample aspect is
/// not applied). Thread-safe to read from any number of threads.
struct VideoFrame {
  PixelFormat format = PixelFormat::kBgr24;
  int width = 0;
  int height = 0;
  YuvMatrix yuv;  ///< Of planar formats.
  std::array<const std::uint8_t*, 3> planes{};
  std::array<std::ptrdiff_t, 3> stride_bytes{};
  std::int64_t index = 0;  ///< Frame number in decoding order of display, from 0.
  Timestamp time;          ///< From the container's PTS; the first frame of the stream is at 0.
  Duration duration;       ///< Until the next frame where known, else from the nominal rate.
  std::shared_ptr<const void> owner;
};

}  // namespace cinescribe
