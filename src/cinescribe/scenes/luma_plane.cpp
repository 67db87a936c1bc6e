#include "cinescribe/scenes/luma_plane.h"

namespace cinescribe::scenes {

Image gray_image(const WorkingPicture& picture) {
  Image gray(picture.width, picture.height, 1);
  for (std::size_t i = 0; i < picture.pixel_count(); ++i) {
    const int sum = picture.blue[i] * 3735 + picture.green[i] * 19235 + picture.red[i] * 9798;
    gray.pixels[i] = static_cast<std::uint8_t>((sum + (1 << 14)) >> 15);
  }
  return gray;
}

std::vector<std::uint8_t> yuv_luma(const WorkingPicture& picture) {
  std::vector<std::uint8_t> luma(picture.pixel_count());
  for (std::size_t i = 0; i < luma.size(); ++i) {
    const int sum = picture.blue[i] * 1868 + picture.green[i] * 9617 + picture.red[i] * 4899;
    luma[i] = static_cast<std::uint8_t>((sum + (1 << 13)) >> 14);
  }
  return luma;
}

}  // namespace cinescribe::scenes
