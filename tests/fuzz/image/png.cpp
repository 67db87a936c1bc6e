// PNG files: any bytes give a picture whose pixels are all there, or an error.
#include "cinescribe/image/png.h"

#include <cstdlib>
#include <span>

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto picture = cinescribe::image::decode_png(std::span(data, size));
  if (!picture.ok()) return 0;
  if (picture->pixels.size() != picture->stride_bytes() * static_cast<std::size_t>(picture->height)) std::abort();
  return 0;
}
