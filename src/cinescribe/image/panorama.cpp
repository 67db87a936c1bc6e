#include "cinescribe/image/panorama.h"

#include <algorithm>
#include <cstdint>
#include <string>

namespace cinescribe::image {

Result<Image> horizontal_panorama(std::span<const Image> pictures) {
  if (pictures.empty()) return Error{ErrorCode::kInput, "a panorama needs at least one picture"};
  std::int64_t width = 0;
  int height = 0;
  for (const Image& picture : pictures) {
    if (picture.empty()) return Error{ErrorCode::kInput, "a panorama cannot hold an empty picture"};
    if (picture.channels != pictures.front().channels) {
      return Error{ErrorCode::kInput, "a panorama cannot mix pictures of " + std::to_string(pictures.front().channels) +
                                          " and " + std::to_string(picture.channels) + " channels"};
    }
    width += picture.width;
    height = std::max(height, picture.height);
  }
  if (width * height > (std::int64_t{1} << 27)) {
    return Error{ErrorCode::kInput, "a panorama of " + std::to_string(pictures.size()) + " pictures would have " +
                                        std::to_string(width) + " x " + std::to_string(height) +
                                        " pixels; use fewer or smaller frames"};
  }
  Image panorama(static_cast<int>(width), height, pictures.front().channels);
  std::size_t left = 0;
  for (const Image& picture : pictures) {
    for (int y = 0; y < picture.height; ++y) {
      std::copy_n(picture.row(y), picture.stride_bytes(), panorama.row(y) + left);
    }
    left += picture.stride_bytes();
  }
  return panorama;
}

}  // namespace cinescribe::image
