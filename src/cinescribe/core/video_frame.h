#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "cinescribe/core/time.h"

namespace cinescribe {

/// Layout of the planes of a `VideoFrame`.
enum class PixelFormat {
  kYuv420p,  ///< Three planes, 8 bit, limited range; chroma planes are ceil(w/2) × ceil(h/2).
  kBgr24,    ///< One packed plane, 8 bit, B G R.
  kRgb24,    ///< One packed plane, 8 bit, R G B.
};

/// One decoded picture, shared and immutable: copies share the pixels, which live as long as any copy.
///
/// The picture is already turned as displayed. `width` × `height` are the pixels of the planes (the sample aspect is
/// not applied). Thread-safe to read from any number of threads.
struct VideoFrame {
  PixelFormat format = PixelFormat::kBgr24;
  int width = 0;
  int height = 0;
  std::array<const std::uint8_t*, 3> planes{};
  std::array<std::ptrdiff_t, 3> stride_bytes{};
  std::int64_t index = 0;  ///< Frame number in decoding order of display, from 0.
  Timestamp time;          ///< From the container's PTS; the first frame of the stream is at 0.
  Duration duration;       ///< Until the next frame where known, else from the nominal rate.
  std::shared_ptr<const void> owner;
};

}  // namespace cinescribe
